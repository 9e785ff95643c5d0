#include "app/messages.h"

#include <array>
#include <cstdlib>

#include "base/check.h"

namespace heliu::app {
namespace {

struct Message {
  Say what;
  Words words;
};

constexpr Message messages[] = {
    {Say::discover_title, {"1  discover", "1  发现资源"}},
    {Say::plan_title, {"2  plan", "2  规划"}},
    {Say::run_title, {"3  run", "3  运行"}},
    {Say::result_title, {"4  promised beside measured", "4  预测与实测"}},
    {Say::sample_title, {"a sample of what it learned to write:", "模型写出的一段："}},
    {Say::processor,
     {"{}: {} socket(s), {} core(s), {} NUMA node(s)", "{}：{} 路，{} 核，{} 个 NUMA 节点"}},
    {Say::memory, {"memory {}", "内存 {}"}},
    {Say::caches, {"caches {}", "缓存 {}"}},
    {Say::instructions, {"instructions {}", "指令集 {}"}},
    {Say::measuring, {"measuring {} rank(s) x {} thread(s)", "正在测量 {} 进程 x {} 线程"}},
    {Say::measured_before,
     {"measured {} ago by {}; `heliu bench` measures again",
      "{}前由 {} 测得；`heliu bench` 重新测量"}},
    {Say::gemm_rate, {"matrix products", "矩阵乘"}},
    {Say::bandwidth, {"memory bandwidth", "内存带宽"}},
    {Say::all_reduce, {"all-reduce", "全归约"}},
    {Say::candidates,
     {"{} plans possible, {} left out; the best:", "可行方案 {} 个，排除 {} 个；最优："}},
    {Say::rejected, {"left out:", "排除原因："}},
    {Say::chosen_because, {"the first because {}", "首选理由：{}"}},
    {Say::no_energy, {"energy: {}", "能耗：{}"}},
    {Say::column_plan, {"plan", "方案"}},
    {Say::column_step, {"step", "单步"}},
    {Say::column_tokens, {"tokens/s", "词元/秒"}},
    {Say::column_memory, {"memory/rank", "每进程内存"}},
    {Say::column_total, {"total", "总时间"}},
    {Say::column_count, {"plans", "方案数"}},
    {Say::column_quantity, {"", ""}},
    {Say::column_promised, {"promised", "预测"}},
    {Say::column_measured, {"measured", "实测"}},
    {Say::column_error, {"error", "误差"}},
    {Say::column_next, {"next promise", "下次预测"}},
    {Say::quantity_step, {"step time", "单步时间"}},
    {Say::quantity_tokens, {"tokens/s", "词元/秒"}},
    {Say::quantity_memory, {"peak memory per rank", "每进程峰值内存"}},
    {Say::quantity_total, {"total time", "总时间"}},
    {Say::quantity_energy, {"energy", "能耗"}},
    {Say::not_measurable, {"not measurable here", "本机无法测量"}},
    {Say::job_line, {"job {}: {}", "作业 {}：{}"}},
    {Say::resumed_from, {"resumes from step {}", "从第 {} 步继续"}},
    {Say::resume_hint, {"go on with: heliu run --resume {}", "继续运行：heliu run --resume {}"}},
    {Say::stop_hint,
     {"Ctrl-C stops with a checkpoint; the same command goes on",
      "Ctrl-C 保存检查点后停止；同一命令可继续"}},
    {Say::stopping,
     {"stopping after this step; press again to end at once", "本步结束后停止；再按一次立即结束"}},
    {Say::stopped_at, {"stopped at step {} with a checkpoint", "已在第 {} 步停止并保存检查点"}},
    {Say::loss_line, {"loss {:.3f} -> {:.3f} over {} steps", "损失 {:.3f} -> {:.3f}，共 {} 步"}},
    {Say::checkpoint_at, {"checkpoint {}", "检查点 {}"}},
    {Say::already_finished, {"{} has finished; nothing to resume", "{} 已完成，无需继续"}},
    {Say::would_run, {"would run: {}", "将要运行：{}"}},
    {Say::progress_line,
     {"step {}/{}  loss {:.3f}  {:.0f} tokens/s  {} left",
      "第 {}/{} 步  损失 {:.3f}  {:.0f} 词元/秒  剩余 {}"}},
    {Say::column_job, {"job", "作业"}},
    {Say::column_state, {"state", "状态"}},
    {Say::column_workload, {"plan", "方案"}},
    {Say::column_when, {"submitted", "提交时间"}},
    {Say::no_jobs, {"no jobs yet; heliu run FILE starts one", "尚无作业；heliu run 文件 可启动"}},
    {Say::next_steps,
     {"next: heliu show {} · heliu plan FILE · heliu explain workload",
      "下一步：heliu show {} · heliu plan 文件 · heliu explain workload"}},
    {Say::dry_run, {"nothing was started (--dry-run)", "未启动任何作业（--dry-run）"}},
    {Say::column_name, {"name", "名称"}},
    {Say::column_bf16, {"bf16 TFLOPS", "BF16 TFLOPS"}},
    {Say::column_device_memory, {"memory", "显存"}},
    {Say::column_bandwidth, {"bandwidth", "带宽"}},
    {Say::column_scale_up, {"scale-up", "卡间互联"}},
    {Say::column_power, {"power", "功耗"}},
    {Say::column_price, {"CNY/h", "元/时"}},
    {Say::column_trust, {"peak is from", "峰值依据"}},
    {Say::column_trust_of, {"from", "依据"}},
    {Say::column_field, {"field", "字段"}},
    {Say::column_value, {"value", "值"}},
    {Say::column_source, {"source", "出处"}},
    {Say::column_first_token, {"first token", "首词元"}},
    {Say::column_token_time, {"ms/token", "毫秒/词元"}},
    {Say::column_price_per_million, {"CNY/M tokens", "元/百万词元"}},
    {Say::column_token_energy, {"J/token", "焦/词元"}},
    {Say::serve_searched,
     {"{} layout(s) on {} island(s): {} do not fit, {} too slow for the limits",
      "{} 种布局，{} 个节点组：{} 种显存不足，{} 种超出时延限制"}},
    {Say::serve_best_title, {"best of all:", "最优方案："}},
    {Say::serve_mixture_warning,
     {"mixtures of experts were measured to be slower than forecast, by about a third of the rate: "
      "docs/models/inference.md",
      "混合专家模型的实测吞吐比预测低约三分之一：docs/models/inference.md"}},
    {Say::not_compared, {"{} row(s) could not be compared:", "{} 行无法比较："}},
    {Say::column_center, {"center", "算力中心"}},
    {Say::column_island, {"island", "节点组"}},
    {Say::column_nodes, {"nodes", "节点"}},
    {Say::column_devices, {"devices", "卡数"}},
    {Say::column_chip, {"chip", "芯片"}},
    {Say::column_peak, {"bf16 peak", "BF16 峰值"}},
    {Say::column_electricity, {"electricity", "电价"}},
    {Say::catalog_mark,
     {"~ from memory, not published where we could cite it; heliu catalog NAME tells the sources",
      "~ 凭记忆，未见可引用的出处；heliu catalog 名称 列出全部出处"}},
    {Say::catalog_nodes, {"nodes:", "节点型号："}},
    {Say::catalog_fabrics, {"fabrics:", "网络："}},
    {Say::also_called, {"also called {}", "又名 {}"}},
    {Say::pool_in_order,
     {"{} is in order: {} center(s), {} island(s), {} node(s), {} device(s), {} link(s)",
      "{} 无误：{} 个算力中心，{} 个节点组，{} 个节点，{} 张卡，{} 条链路"}},
    {Say::pool_total, {"together", "合计"}},
    {Say::tree_centers, {"{}: {} center(s)", "{}：{} 个算力中心"}},
    {Say::tree_links, {"links", "中心间链路"}},
    {Say::tree_nodes, {"{}: {} node(s)", "{}：{} 个节点"}},
    {Say::tree_cores, {"{} cores", "{} 核"}},
    {Say::tree_domain, {"{} among {}", "{} 互联 {} 卡"}},
    {Say::searched,
     {"{} layouts on {} island(s): {} estimated, {} could not win, {} too large for memory, {} "
      "against the rules of whole numbers",
      "{} 种布局，{} 个节点组：估算 {} 种，{} 种不可能最优，{} 种显存不足，{} 种不满足整除规则"}},
    {Say::islands_title, {"best of each island", "各节点组最优"}},
    {Say::front_title,
     {"not beaten in time, cost and energy at once", "时间、费用、能耗的帕累托前沿"}},
    {Say::no_plan_here, {"{}: {}", "{}：{}"}},
    {Say::why_first, {"{} came first: {}", "{} 排在首位：{}"}},
    {Say::what_binds, {"what binds it: {}", "瓶颈：{}"}},
    {Say::lever, {"10 % more {}: {:.1f} % off the step", "{} 提高 10 %：单步缩短 {:.1f} %"}},
    {Say::more_memory,
     {"with a quarter more device memory: {:.1f} % off the step, as {}",
      "显存增加四分之一：单步缩短 {:.1f} %，方案 {}"}},
    {Say::enough_memory,
     {"a quarter more device memory would change nothing", "显存增加四分之一也无变化"}},
    {Say::next_best, {"next best: {} on {}, {:.2f} % worse", "次优：{}，位于 {}，差 {:.2f} %"}},
    {Say::next_plan_commands,
     {"next: heliu explain plan {} · heliu plan --compare {} {}",
      "下一步：heliu explain plan {} · heliu plan --compare {} {}"}},
    {Say::plan_title_of, {"{}: {}", "{}：{}"}},
    {Say::plan_stages,
     {"stages (layers, micro-batch, memory)", "流水线各级（层数、微批时间、显存）"}},
    {Say::plan_place, {"{}, {} devices, with the habits of {}", "{}，{} 卡，按 {} 框架的习惯"}},
    {Say::plan_worth,
     {"step {} ({} to {}), {:.0f} tokens/s; whole job {}",
      "单步 {}（{} 至 {}），{:.0f} 词元/秒；全程 {}"}},
    {Say::plan_goodput,
     {"goodput {:.1f} % with a checkpoint every {}", "有效时间 {:.1f} %，每 {} 存一次检查点"}},
    {Say::plan_extrapolated,
     {"extrapolated: no measurement of this chip was fitted", "外推：该芯片没有拟合过的实测"}},
    {Say::column_layout, {"layout", "布局"}},
    {Say::column_cost, {"CNY", "费用/元"}},
    {Say::column_energy, {"energy", "能耗"}},
    {Say::column_class, {"", ""}},
    {Say::column_share, {"share", "占比"}},
    {Say::column_difference, {"difference", "差"}},
    {Say::unfinished_job,
     {"{} of this workload is {}: going on with it (--fresh starts anew)",
      "此任务的 {} 处于 {}：继续运行（--fresh 重新开始）"}},
    {Say::arguments_ignored,
     {"arguments that a workload has no word for: {}", "任务中无对应项的参数：{}"}},
    {Say::export_written, {"written to {}", "已写入 {}"}},
};

}  // namespace

std::string_view pattern(Say what, Language language) {
  for (const Message& message : messages)
    if (message.what == what) return message.words.in(language);
  HELIU_CHECK(false);
  return {};
}

Language language_from(const std::string& option) {
  std::string value = option;
  for (const char* name : {"HELIU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* set = std::getenv(name); value.empty() && set) value = set;
  return value.starts_with("zh") ? Language::zh : Language::en;
}

}  // namespace heliu::app
