#include "spec/plan.h"

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {

static const Table<Parallel>& table_of(const Parallel*) {
  static const Table<Parallel> table = [] {
    Table<Parallel> t{"parallel", {"degrees of parallelism", "并行度"}};
    t.written_by_machine();
    t.field("dp", &Parallel::dp, {"data parallel", "数据并行"}).at_least(1);
    t.field("tp", &Parallel::tp, {"tensor parallel", "张量并行"}).at_least(1);
    t.field("pp", &Parallel::pp, {"pipeline stages", "流水线级数"}).at_least(1);
    t.field("cp", &Parallel::cp, {"context parallel", "上下文并行"}).at_least(1);
    t.field("ep", &Parallel::ep, {"expert parallel", "专家并行"}).at_least(1);
    t.field("expert_tp", &Parallel::expert_tp,
            {"tensor parallel within an expert", "专家内张量并行"})
        .at_least(1);
    t.field("vpp", &Parallel::vpp, {"model chunks of one stage", "每级模型块数"}).at_least(1);
    t.field("sharding", &Parallel::sharding, {"what data-parallel ranks share", "分片方式"});
    t.field("sharding_group", &Parallel::sharding_group,
            {"ranks that share it; 0: all of dp * cp", "分片组大小"})
        .at_least(0);
    t.field("recompute", &Parallel::recompute, {"what the backward computes again", "重计算"});
    t.field("sequence_parallel", &Parallel::sequence_parallel,
            {"norms and residuals split over tensor-parallel ranks", "序列并行"});
    t.field("zero_bubble", &Parallel::zero_bubble, {"zero-bubble schedule", "零气泡流水线"});
    t.field("offload", &Parallel::offload,
            {"the optimizer's state lives in host memory", "优化器卸载"});
    t.field("flash_attention", &Parallel::flash_attention,
            {"scores of attention are never stored", "不存储注意力分数"});
    return t;
  }();
  return table;
}

static const Table<Share>& table_of(const Share*) {
  static const Table<Share> table = [] {
    Table<Share> t{"share", {"one island's part of a plan over several", "跨节点组方案的一部分"}};
    t.written_by_machine();
    t.field("place", &Share::place, {"the island", "位置"}).required();
    t.field("devices", &Share::devices, {"devices it gives", "卡数"});
    t.field("layers", &Share::layers, {"layers of the model it runs", "负责的层数"});
    t.field("global_batch", &Share::global_batch, {"sequences of a step it trains", "每步序列数"});
    t.field("micro_batch", &Share::micro_batch, {"sequences of one forward", "微批大小"});
    t.field("accumulation", &Share::accumulation,
            {"micro-batches of a rank in one step", "梯度累积次数"})
        .at_least(1);
    t.field("parallel", &Share::parallel, {"degrees of parallelism of its devices", "并行度"});
    t.field("step_time_s", &Share::step_time,
            {"time of its own part of a step, without what crosses islands", "本部分单步时间"});
    return t;
  }();
  return table;
}

const Table<ClassTime>& table_of(const ClassTime*) {
  static const Table<ClassTime> table = [] {
    Table<ClassTime> t{"class_time", {"time of one class of operations", "一类操作的时间"}};
    t.written_by_machine();
    t.field("class", &ClassTime::kind, {"which class", "类别"}).required();
    t.field("time_s", &ClassTime::time, {"its time", "时间"}).required();
    return t;
  }();
  return table;
}

static const Table<MemoryParts>& table_of(const MemoryParts*) {
  static const Table<MemoryParts> table = [] {
    Table<MemoryParts> t{"memory_parts", {"what the memory of one rank holds", "单进程内存构成"}};
    t.written_by_machine();
    t.field("weights_bytes", &MemoryParts::weights, {"f32 weights and their bf16 copies", "权重"});
    t.field("gradients_bytes", &MemoryParts::gradients, {"gradients", "梯度"});
    t.field("optimizer_bytes", &MemoryParts::optimizer, {"optimizer state", "优化器状态"});
    t.field("activations_bytes", &MemoryParts::activations, {"activations and scratch", "激活"});
    t.field("buffers_bytes", &MemoryParts::buffers, {"collectives and data", "缓冲区"});
    t.field("runtime_bytes", &MemoryParts::runtime, {"the program and its libraries", "运行时"});
    return t;
  }();
  return table;
}

static const Table<StageForecast>& table_of(const StageForecast*) {
  static const Table<StageForecast> table = [] {
    Table<StageForecast> t{"stage", {"what one pipeline stage holds and needs", "流水线级"}};
    t.written_by_machine();
    t.field("layers", &StageForecast::layers, {"layers of the model", "层数"});
    t.field("micro_batch_time_s", &StageForecast::micro_batch_time,
            {"forward and backward of one micro-batch", "微批时间"});
    t.field("memory_bytes", &StageForecast::memory,
            {"peak memory of one of its ranks", "峰值内存"});
    t.field("memory_parts", &StageForecast::memory_parts, {"its parts", "内存构成"});
    return t;
  }();
  return table;
}

const Table<Forecast>& table_of(const Forecast*) {
  static const Table<Forecast> table = [] {
    Table<Forecast> t{"forecast", {"what a plan promises", "预测"}};
    t.keep_unknown(&Forecast::extra);
    t.field("step_time_s", &Forecast::step_time,
            {"time of one optimizer step, or of one step of decoding", "单步时间"});
    t.field("step_time_low_s", &Forecast::step_time_low, {"lower end of its band", "下界"});
    t.field("step_time_high_s", &Forecast::step_time_high, {"upper end of its band", "上界"});
    t.field("breakdown", &Forecast::breakdown, {"its parts; they sum to step_time_s", "构成"});
    t.field("tokens_per_s", &Forecast::tokens_per_s,
            {"tokens trained, or made by serving, in a second, over all ranks", "吞吐"});
    t.field("memory_bytes", &Forecast::memory, {"peak memory of one rank", "单进程峰值内存"});
    t.field("memory_parts", &Forecast::memory_parts, {"its parts", "内存构成"});
    t.field("total_time_s", &Forecast::total_time, {"the whole job, from launch to end", "总时间"});
    t.field("energy_j", &Forecast::energy, {"energy of the whole job", "能耗"});
    t.field("energy_note", &Forecast::energy_note, {"why the energy is not known", "能耗说明"});
    t.field("cost_cny", &Forecast::cost, {"price of the whole job", "费用"});
    t.field("carbon_kg", &Forecast::carbon, {"CO2 equivalent of the whole job", "碳排放"});
    t.field("goodput", &Forecast::goodput,
            {"useful share of the job's time, faults considered", "有效时间占比"});
    t.field("checkpoint_interval_s", &Forecast::checkpoint_interval,
            {"the best time between checkpoints, against those faults", "最佳检查点间隔"});
    t.field(
        "first_token_s", &Forecast::first_token,
        {"serving: from a request to its first token, without queueing", "首词元时间（不含排队）"});
    t.field("token_time_s", &Forecast::token_time,
            {"serving: from one token of an answer to the next", "词元间隔"});
    t.field("cache_bytes", &Forecast::cache,
            {"serving: keys and values on the fullest device", "单卡键值缓存"});
    t.field("stages", &Forecast::stages, {"pipeline stages, in order", "流水线各级"});
    t.field("extrapolated", &Forecast::extrapolated,
            {"whether shapes lie outside what was measured", "是否外推"});
    return t;
  }();
  return table;
}

const Table<Plan>& table_of(const Plan*) {
  static const Table<Plan> table = [] {
    Table<Plan> t{"plan", {"how a workload will be done", "执行方案"}};
    t.keep_unknown(&Plan::extra);
    t.field("plan", &Plan::id, {"its name", "名称"}).required();
    t.field("workload", &Plan::workload,
            {"the workload, with what was left open filled in", "任务"})
        .required();
    t.field("place", &Plan::place, {"the island: center/island", "位置"});
    t.field("backend", &Plan::backend, {"backend of the device room", "设备后端"});
    t.field("parallel", &Plan::parallel, {"degrees of parallelism", "并行度"});
    t.field("threads", &Plan::threads, {"threads of each rank", "每进程线程数"}).at_least(1);
    t.field("micro_batch", &Plan::micro_batch,
            {"sequences of one forward and backward of a rank", "微批大小"})
        .at_least(1);
    t.field("accumulation", &Plan::accumulation,
            {"micro-batches of a rank in one step", "梯度累积次数"})
        .at_least(1);
    t.field("precision", &Plan::precision, {"of matrix products", "精度"});
    t.field("framework", &Plan::framework,
            {"whose habits the forecast assumes", "预测所依据的训练框架"});
    t.field("shares", &Plan::shares, {"where several islands work together", "跨节点组分工"});
    t.field("outer_steps", &Plan::outer_steps,
            {"steps between averaging over shares; 0: every step is synchronous",
             "平均间隔步数；0 表示每步同步"})
        .at_least(0);
    t.field("forecast", &Plan::forecast, {"what it promises", "预测"});
    t.field("reason", &Plan::reason, {"why it was chosen", "选择理由"});
    return t;
  }();
  return table;
}

Bytes total(const MemoryParts& m) {
  return m.weights + m.gradients + m.optimizer + m.activations + m.buffers + m.runtime;
}

std::string summary(const Plan& plan) {
  const Parallel& p = plan.parallel;
  std::string text = fmt::format("dp{} tp{} pp{}", p.dp, p.tp, p.pp);
  auto degree = [&](std::string_view name, int value) {
    if (value > 1) text += fmt::format(" {}{}", name, value);
  };
  degree("vpp", p.vpp);
  degree("cp", p.cp);
  degree("ep", p.ep);
  degree("etp", p.expert_tp);
  if (plan.backend == "cpu")
    text += fmt::format(" x {} thread{}", plan.threads, plan.threads == 1 ? "" : "s");
  text += fmt::format(", micro-batch {} x {}, {}", plan.micro_batch, plan.accumulation,
                      name(plan.precision));
  auto trait = [&](bool is, std::string_view name) {
    if (is) text += fmt::format(", {}", name);
  };
  trait(p.sharding != Sharding::none, names_of(p.sharding)[size_t(p.sharding)]);
  if (p.sharding_group) text += fmt::format(" by {}", p.sharding_group);
  trait(p.recompute != Recompute::none,
        p.recompute == Recompute::full ? "full recompute" : "selective recompute");
  trait(p.sequence_parallel && p.tp > 1, "sequence parallel");
  trait(p.zero_bubble, "zero bubble");
  trait(p.offload, "offload");
  trait(!p.flash_attention, "stored scores");
  return text;
}

HELIU_DOCUMENT(Forecast)
HELIU_DOCUMENT(Plan)

}  // namespace heliu
