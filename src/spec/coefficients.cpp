#include "spec/coefficients.h"

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {

static const Table<Correction>& table_of(const Correction*) {
  static const Table<Correction> table = [] {
    Table<Correction> t{"correction",
                        {"measured over promised, for one class and layout", "实测与预测之比"}};
    t.written_by_machine();
    t.field("class", &Correction::kind, {"class of operations", "类别"}).required();
    t.field("precision", &Correction::precision, {"of the runs", "精度"});
    t.field("ranks", &Correction::ranks, {"ranks of the runs", "进程数"}).at_least(1);
    t.field("threads", &Correction::threads, {"threads of each rank", "每进程线程数"}).at_least(1);
    t.field("factor", &Correction::factor, {"multiplies the forecast", "系数"})
        .required()
        .range(0.01, 100);
    t.field("runs", &Correction::runs, {"runs it was learned from", "样本数"}).at_least(0);
    return t;
  }();
  return table;
}

const Table<Coefficients>& table_of(const Coefficients*) {
  static const Table<Coefficients> table = [] {
    Table<Coefficients> t{"coefficients",
                          {"what records taught the predictor about an island", "预测系数"}};
    t.keep_unknown(&Coefficients::extra);
    t.field("island", &Coefficients::island, {"the island: center/island", "节点组"}).required();
    t.field("processor", &Coefficients::processor, {"what was measured, with its cores", "处理器"});
    t.field("source", &Coefficients::source, {"the jobs that the numbers come from", "来源"});
    t.field("measured", &Coefficients::measured,
            {"when, in seconds since 1970-01-01 UTC", "测量时刻"});
    t.field("kernels", &Coefficients::kernels, {"kernels measured", "算子"});
    t.field("collectives", &Coefficients::collectives, {"collectives measured", "集合通信"});
    t.field("corrections", &Coefficients::corrections, {"learned from runs", "修正"});
    t.field("runtime_memory_bytes", &Coefficients::runtime_memory,
            {"of a rank before it holds a model", "运行时内存"});
    t.field("start_time_s", &Coefficients::start_time,
            {"from launch to the first step", "启动时间"});
    t.field("step_overhead_s", &Coefficients::step_overhead,
            {"of a step beside its operations", "步开销"});
    return t;
  }();
  return table;
}

HELIU_DOCUMENT(Coefficients)

}  // namespace heliu
