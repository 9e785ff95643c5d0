#include "spec/workload.h"

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

constexpr std::array<std::string_view, 2> kinds = {"train", "bench"};
constexpr std::array<std::string_view, 1> families = {"gpt"};
constexpr std::array<std::string_view, 1> tokenizers = {"character"};
constexpr std::array<std::string_view, 1> optimizers = {"adamw"};
constexpr std::array<std::string_view, 3> precisions = {"auto", "fp32", "bf16"};
constexpr std::array<std::string_view, 3> objectives = {"time", "cost", "energy"};

}  // namespace

static std::span<const std::string_view> names_of(WorkloadKind) { return kinds; }
static std::span<const std::string_view> names_of(ModelFamily) { return families; }
static std::span<const std::string_view> names_of(Tokenizer) { return tokenizers; }
static std::span<const std::string_view> names_of(Optimizer) { return optimizers; }
static std::span<const std::string_view> names_of(PrecisionWish) { return precisions; }
static std::span<const std::string_view> names_of(Objective) { return objectives; }

const Table<Model>& table_of(const Model*) {
  static const Table<Model> table = [] {
    Table<Model> t{"model", {"the transformer", "模型"}};
    t.field("family", &Model::family, {"kind of transformer", "模型族"});
    t.field("layers", &Model::layers, {"number of blocks", "层数"}).required().range(1, 10000);
    t.field("hidden", &Model::hidden, {"width of the residual stream", "隐藏维度"})
        .required()
        .range(1, 1 << 20);
    t.field(
         "heads", &Model::heads,
         {"attention heads of each block; hidden must be a multiple", "注意力头数，须整除 hidden"})
        .required()
        .range(1, 1 << 16);
    t.field("sequence", &Model::sequence, {"tokens in one training sequence", "序列长度（词元数）"})
        .required()
        .range(1, 1 << 24);
    t.field("feed_forward", &Model::feed_forward,
            {"width inside the feed-forward layer; 0: four times hidden",
             "前馈层宽度；0 表示 4 倍 hidden"})
        .range(0, 1 << 24);
    t.field("vocabulary", &Model::vocabulary,
            {"entries of the vocabulary; 0: what the tokenizer finds in the data",
             "词表大小；0 表示由数据统计"})
        .range(0, 1 << 24);
    t.check([](const Model& m, const Node& node, Reader& reader) {
      if (m.hidden % m.heads)
        reader.fault("HL-E0110",
                     fmt::format("hidden {} is not a multiple of heads {}", m.hidden, m.heads),
                     node,
                     fmt::format("e.g. heads: {} with hidden: {}", m.heads,
                                 (m.hidden / m.heads + 1) * m.heads));
    });
    return t;
  }();
  return table;
}

static const Table<Data>& table_of(const Data*) {
  static const Table<Data> table = [] {
    Table<Data> t{"data", {"what is learned from", "训练数据"}};
    t.field("text", &Data::text,
            {"UTF-8 text files; relative paths start at the workload's folder",
             "UTF-8 文本文件；相对路径从任务文件所在目录算起"});
    t.field("tokenizer", &Data::tokenizer, {"how text becomes tokens", "分词方式"});
    return t;
  }();
  return table;
}

static const Table<Train>& table_of(const Train*) {
  static const Table<Train> table = [] {
    Table<Train> t{"train", {"how it is trained", "训练设置"}};
    t.field("steps", &Train::steps, {"optimizer steps", "优化步数"}).required().range(1, 1e9);
    t.field("global_batch", &Train::global_batch,
            {"sequences of one step, over all ranks", "全局批大小（每步序列数）"})
        .required()
        .range(1, 1e7);
    t.field("optimizer", &Train::optimizer, {"optimizer", "优化器"});
    t.field("learning_rate", &Train::learning_rate, {"peak learning rate", "峰值学习率"})
        .range(0, 10);
    t.field("final_learning_rate", &Train::final_learning_rate,
            {"learning rate at the last step (cosine)", "末步学习率（余弦）"})
        .range(0, 10);
    t.field("warmup_steps", &Train::warmup_steps, {"steps of linear warm-up", "线性预热步数"})
        .at_least(0);
    t.field("weight_decay", &Train::weight_decay,
            {"AdamW weight decay, of matrices only", "权重衰减（仅矩阵）"})
        .range(0, 10);
    t.field("beta1", &Train::beta1, {"decay of the first moment", "一阶矩衰减"})
        .range(0, 0.9999999);
    t.field("beta2", &Train::beta2, {"decay of the second moment", "二阶矩衰减"})
        .range(0, 0.9999999);
    t.field("clip_norm", &Train::clip_norm,
            {"largest global gradient norm; 0: no clipping", "梯度范数上限；0 表示不裁剪"})
        .at_least(0);
    t.field("precision", &Train::precision,
            {"of matrix products; auto lets the planner choose", "矩阵乘精度；auto 由规划器选择"});
    t.field("seed", &Train::seed,
            {"of weights and data order; the same seed gives the same losses", "随机种子"})
        .at_least(0);
    t.field("checkpoint_every", &Train::checkpoint_every,
            {"steps between checkpoints", "检查点间隔步数"})
        .range(1, 1e9);
    t.field("sample", &Train::sample,
            {"characters of text to generate at the end", "结束时生成的字符数"})
        .range(0, 100000);
    t.check([](const Train& train, const Node& node, Reader& reader) {
      if (train.warmup_steps > train.steps)
        reader.fault(
            "HL-E0110",
            fmt::format("warmup_steps {} exceeds steps {}", train.warmup_steps, train.steps), node);
    });
    return t;
  }();
  return table;
}

static const Table<ParallelWish>& table_of(const ParallelWish*) {
  static const Table<ParallelWish> table = [] {
    Table<ParallelWish> t{"parallel",
                          {"parts of the plan to hold fixed; the rest is the planner's",
                           "固定部分并行方案，其余由规划器决定"}};
    t.field("dp", &ParallelWish::dp, {"data-parallel degree", "数据并行度"}).at_least(1);
    t.field("tp", &ParallelWish::tp, {"tensor-parallel degree", "张量并行度"}).at_least(1);
    t.field("pp", &ParallelWish::pp, {"pipeline stages", "流水线级数"}).at_least(1);
    t.field("threads", &ParallelWish::threads, {"threads of each rank", "每个进程的线程数"})
        .at_least(1);
    t.field("micro_batch", &ParallelWish::micro_batch,
            {"sequences of one forward and backward", "微批大小"})
        .at_least(1);
    return t;
  }();
  return table;
}

static const Table<Bench>& table_of(const Bench*) {
  static const Table<Bench> table = [] {
    Table<Bench> t{"bench", {"how the machine is measured", "测量设置"}};
    t.field("duration", &Bench::duration,
            {"rough time for one layout of ranks and threads", "每种布局的大致用时"});
    return t;
  }();
  return table;
}

static const Table<Goal>& table_of(const Goal*) {
  static const Table<Goal> table = [] {
    Table<Goal> t{"goal", {"what a good plan is", "目标"}};
    t.field("minimize", &Goal::minimize, {"what to make small", "最小化对象"});
    t.field("deadline", &Goal::deadline, {"longest total time", "最长总时间"});
    t.field("budget", &Goal::budget, {"highest cost", "费用上限"});
    return t;
  }();
  return table;
}

const Table<Workload>& table_of(const Workload*) {
  static const Table<Workload> table = [] {
    Table<Workload> t{"workload", {"what is to be computed", "计算任务"}};
    t.field("workload", &Workload::name, {"its name", "名称"}).required();
    t.field("kind", &Workload::kind, {"what kind of work", "任务类型"}).required();
    t.field("model", &Workload::model, {"the transformer (train)", "模型（train）"});
    t.field("data", &Workload::data, {"what is learned from (train)", "数据（train）"});
    t.field("train", &Workload::train, {"how it is trained (train)", "训练设置（train）"});
    t.field("parallel", &Workload::parallel, {"parts of the plan to hold fixed", "固定的并行方案"});
    t.field("bench", &Workload::bench,
            {"how the machine is measured (bench)", "测量设置（bench）"});
    t.field("goal", &Workload::goal, {"what a good plan is", "目标"});
    t.check([](const Workload& w, const Node& node, Reader& reader) {
      if (w.kind != WorkloadKind::train) return;
      if (!w.model.layers)
        reader.fault("HL-E0106", "a workload of kind train needs the field model", node,
                     "heliu explain workload.model");
      if (!w.train.steps)
        reader.fault("HL-E0106", "a workload of kind train needs the field train", node,
                     "heliu explain workload.train");
      if (w.data.text.empty())
        reader.fault("HL-E0106", "a workload of kind train needs data.text", node,
                     "data: {text: [poems.txt]}");
    });
    return t;
  }();
  return table;
}

std::string fingerprint(const Workload& workload) { return to_line(workload); }

HELIU_DOCUMENT(Workload)

}  // namespace heliu
