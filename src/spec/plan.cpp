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

const Table<Forecast>& table_of(const Forecast*) {
  static const Table<Forecast> table = [] {
    Table<Forecast> t{"forecast", {"what a plan promises", "预测"}};
    t.keep_unknown(&Forecast::extra);
    t.field("step_time_s", &Forecast::step_time, {"time of one optimizer step", "单步时间"});
    t.field("step_time_low_s", &Forecast::step_time_low, {"lower end of its band", "下界"});
    t.field("step_time_high_s", &Forecast::step_time_high, {"upper end of its band", "上界"});
    t.field("breakdown", &Forecast::breakdown, {"its parts; they sum to step_time_s", "构成"});
    t.field("tokens_per_s", &Forecast::tokens_per_s,
            {"tokens trained in a second, over all ranks", "吞吐"});
    t.field("memory_bytes", &Forecast::memory, {"peak memory of one rank", "单进程峰值内存"});
    t.field("memory_parts", &Forecast::memory_parts, {"its parts", "内存构成"});
    t.field("total_time_s", &Forecast::total_time, {"the whole job, from launch to end", "总时间"});
    t.field("energy_j", &Forecast::energy, {"energy of the whole job", "能耗"});
    t.field("energy_note", &Forecast::energy_note, {"why the energy is not known", "能耗说明"});
    t.field("cost_cny", &Forecast::cost, {"price of the whole job", "费用"});
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
  return fmt::format("dp{} tp{} pp{} x {} thread{}, micro-batch {} x {}, {}", plan.parallel.dp,
                     plan.parallel.tp, plan.parallel.pp, plan.threads, plan.threads == 1 ? "" : "s",
                     plan.micro_batch, plan.accumulation, name(plan.precision));
}

HELIU_DOCUMENT(Forecast)
HELIU_DOCUMENT(Plan)

}  // namespace heliu
