#include "spec/record.h"

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

constexpr std::array<std::string_view, 12> events = {
    "submitted",  "launched", "started",  "step",    "checkpoint", "kernel",
    "collective", "sample",   "finished", "stopped", "failed",     "note"};

}  // namespace

static std::span<const std::string_view> names_of(Event) { return events; }

const Table<KernelTime>& table_of(const KernelTime*) {
  static const Table<KernelTime> table = [] {
    Table<KernelTime> t{"kernel_time", {"one kernel measured at one shape", "单个算子的测量"}};
    t.written_by_machine();
    t.field("kernel", &KernelTime::kernel, {"which kernel", "算子"}).required();
    t.field("precision", &KernelTime::precision, {"of its operands", "精度"});
    t.field("ranks", &KernelTime::ranks, {"ranks that ran it at the same time", "并发进程数"})
        .at_least(1);
    t.field("threads", &KernelTime::threads, {"threads of each rank", "每进程线程数"}).at_least(1);
    t.field("m", &KernelTime::m, {"rows", "行"}).at_least(1);
    t.field("n", &KernelTime::n, {"columns", "列"}).at_least(1);
    t.field("k", &KernelTime::k, {"inner size, or the sequence of attention", "内维"}).at_least(1);
    t.field("time_s", &KernelTime::time, {"of one call, the median", "单次用时（中位数）"})
        .required();
    return t;
  }();
  return table;
}

const Table<CollectiveTime>& table_of(const CollectiveTime*) {
  static const Table<CollectiveTime> table = [] {
    Table<CollectiveTime> t{"collective_time", {"one collective measured", "集合通信的测量"}};
    t.written_by_machine();
    t.field("operation", &CollectiveTime::operation, {"which collective", "操作"}).required();
    t.field("ranks", &CollectiveTime::ranks, {"ranks of the group", "进程数"}).at_least(1);
    t.field("threads", &CollectiveTime::threads, {"threads of each rank", "每进程线程数"})
        .at_least(1);
    t.field("payload_bytes", &CollectiveTime::payload, {"payload of each rank", "每进程数据量"})
        .required();
    t.field("time_s", &CollectiveTime::time, {"the median", "中位用时"}).required();
    return t;
  }();
  return table;
}

const Table<Record>& table_of(const Record*) {
  static const Table<Record> table = [] {
    Table<Record> t{"record", {"what happened: one line", "运行记录"}};
    t.keep_unknown(&Record::extra);
    t.field("event", &Record::event, {"what kind of line", "事件"}).required();
    t.field("job", &Record::job, {"the job", "作业"});
    t.field("rank", &Record::rank, {"the rank that wrote it", "进程号"}).at_least(0);
    t.field("time", &Record::time, {"seconds since 1970-01-01 UTC", "时刻"});
    t.field("step", &Record::step, {"optimizer steps done", "步"});
    t.field("loss", &Record::loss, {"mean loss of a position, in nats", "损失"});
    t.field("gradient_norm", &Record::gradient_norm, {"global norm before clipping", "梯度范数"});
    t.field("learning_rate", &Record::learning_rate, {"of this step", "学习率"});
    t.field("step_time_s", &Record::step_time, {"of this step; in finished, the median", "步时间"});
    t.field("tokens_per_s", &Record::tokens_per_s, {"over all ranks", "吞吐"});
    t.field("memory_bytes", &Record::memory, {"peak resident memory of the rank", "峰值内存"});
    t.field("accounted_memory_bytes", &Record::accounted_memory,
            {"of it, what arenas and buffers hold", "已计入内存"});
    t.field("total_time_s", &Record::total_time, {"from launch to end", "总时间"});
    t.field("energy_j", &Record::energy, {"energy used", "能耗"});
    t.field("breakdown", &Record::breakdown, {"mean times of one step", "构成"});
    t.field("kernel", &Record::kernel, {"a kernel measured", "算子测量"});
    t.field("collective", &Record::collective, {"a collective measured", "通信测量"});
    t.field("text", &Record::text, {"generated text", "生成文本"});
    t.field("path", &Record::path, {"a file or folder", "路径"});
    t.field("message", &Record::message, {"for a person", "消息"});
    return t;
  }();
  return table;
}

HELIU_DOCUMENT(Record)

}  // namespace heliu
