#include "spec/workload.h"

#include <algorithm>
#include <cmath>

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

constexpr std::array<std::string_view, 4> kinds = {"train", "bench", "finetune", "serve"};
constexpr std::array<std::string_view, 8> families = {"gpt",     "gpt-neox", "llama",    "qwen",
                                                      "mistral", "mixtral",  "deepseek", "gpt-oss"};
constexpr std::array<std::string_view, 1> tokenizers = {"character"};
constexpr std::array<std::string_view, 1> optimizers = {"adamw"};
constexpr std::array<std::string_view, 8> precisions = {"auto", "fp32", "bf16",  "tf32",
                                                        "fp16", "fp8",  "mxfp8", "nvfp4"};
constexpr std::array<std::string_view, 4> shardings = {"none", "zero1", "zero2", "zero3"};
constexpr std::array<std::string_view, 3> recomputes = {"none", "selective", "full"};
constexpr std::array<std::string_view, 3> objectives = {"time", "cost", "energy"};

}  // namespace

std::span<const std::string_view> names_of(Sharding) { return shardings; }
std::span<const std::string_view> names_of(Recompute) { return recomputes; }
static std::span<const std::string_view> names_of(WorkloadKind) { return kinds; }
static std::span<const std::string_view> names_of(ModelFamily) { return families; }
static std::span<const std::string_view> names_of(Tokenizer) { return tokenizers; }
static std::span<const std::string_view> names_of(Optimizer) { return optimizers; }
static std::span<const std::string_view> names_of(PrecisionWish) { return precisions; }
static std::span<const std::string_view> names_of(Objective) { return objectives; }

static const Table<Experts>& table_of(const Experts*) {
  static const Table<Experts> table = [] {
    Table<Experts> t{"experts",
                     {"a mixture of experts in place of the feed-forward layer", "混合专家层"}};
    t.field("count", &Experts::count,
            {"routed experts of a layer; 0: dense", "每层路由专家数；0 表示稠密"})
        .range(0, 1 << 16);
    t.field("active", &Experts::active,
            {"routed experts that one token visits", "每个词元激活的路由专家数"})
        .range(0, 1 << 16);
    t.field("shared", &Experts::shared, {"experts that every token visits", "共享专家数"})
        .range(0, 1 << 10);
    t.field("feed_forward", &Experts::feed_forward,
            {"width inside one expert; 0: the model's feed_forward",
             "专家内部宽度；0 表示同模型前馈层"})
        .range(0, 1 << 24);
    t.field("dense_layers", &Experts::dense_layers,
            {"leading layers without experts", "开头的稠密层数"})
        .range(0, 10000);
    t.check([](const Experts& e, const Node& node, Reader& reader) {
      if (e.count && (e.active < 1 || e.active > e.count))
        reader.fault("HL-E0110",
                     fmt::format("active {} must be between 1 and count {}", e.active, e.count),
                     node);
    });
    return t;
  }();
  return table;
}

static const Table<LatentAttention>& table_of(const LatentAttention*) {
  static const Table<LatentAttention> table = [] {
    Table<LatentAttention> t{"latent",
                             {"multi-head latent attention (DeepSeek-V2)", "多头潜在注意力 MLA"}};
    t.field("query_rank", &LatentAttention::query_rank,
            {"rank of the compressed queries; 0: not compressed", "查询压缩秩；0 表示不压缩"})
        .range(0, 1 << 20);
    t.field("kv_rank", &LatentAttention::kv_rank,
            {"rank of the compressed keys and values; 0: ordinary attention",
             "键值压缩秩；0 表示普通注意力"})
        .range(0, 1 << 20);
    t.field("nope_head", &LatentAttention::nope_head,
            {"size of a head's part without positions", "无位置编码部分的头维度"})
        .range(1, 1 << 16);
    t.field("rope_head", &LatentAttention::rope_head,
            {"size of a head's part with rotary positions", "旋转位置编码部分的头维度"})
        .range(1, 1 << 16);
    t.field("value_head", &LatentAttention::value_head, {"size of a head's values", "值的头维度"})
        .range(1, 1 << 16);
    return t;
  }();
  return table;
}

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
    t.field("kv_heads", &Model::kv_heads,
            {"key and value heads; 0: as many as heads", "键值头数；0 表示同 heads"})
        .range(0, 1 << 16);
    t.field("head_size", &Model::head_size,
            {"width of one head; 0: hidden / heads", "单头宽度；0 表示 hidden / heads"})
        .range(0, 1 << 16);
    t.field("gated", &Model::gated,
            {"whether the feed-forward layer is SwiGLU; left out: as the family has it",
             "前馈层是否为 SwiGLU；缺省随模型族"});
    t.field("tied", &Model::tied,
            {"whether the head shares the embedding's weights; left out: as the family has it",
             "输出层是否与词嵌入共享权重；缺省随模型族"});
    t.field("qkv_bias", &Model::qkv_bias,
            {"whether queries, keys and values have biases; left out: as the family has it",
             "查询、键、值是否带偏置；缺省随模型族"});
    t.field("window", &Model::window,
            {"tokens that attention looks back over; 0: all", "注意力窗口；0 表示全部"})
        .range(0, 1 << 24);
    t.field("window_every", &Model::window_every,
            {"one layer in so many has the window", "每几层中有一层使用窗口"})
        .range(1, 10000);
    t.field("prediction_layers", &Model::prediction_layers,
            {"layers of multi-token prediction", "多词元预测层数"})
        .range(0, 100);
    t.field("experts", &Model::experts, {"mixture of experts", "混合专家"});
    t.field("latent", &Model::latent, {"multi-head latent attention", "多头潜在注意力"});
    t.field("huggingface", &Model::huggingface,
            {"a config.json that says all of it instead; relative paths start at the workload's "
             "folder (sequence may be given beside it)",
             "以 Hugging Face 的 config.json 代替；相对路径从任务文件所在目录算起"})
        .instead();
    t.check([](const Model& m, const Node& node, Reader& reader) {
      if (!m.huggingface.empty()) {
        if (m.layers || m.hidden || m.heads)
          reader.fault("HL-E0110", "give the model's fields or huggingface, not both", node);
        return;
      }
      if (m.kv_heads && m.heads % m.kv_heads)
        reader.fault("HL-E0110",
                     fmt::format("heads {} is not a multiple of kv_heads {}", m.heads, m.kv_heads),
                     node);
      if (m.experts.dense_layers > m.layers)
        reader.fault("HL-E0110",
                     fmt::format("experts.dense_layers {} is more than layers {}",
                                 m.experts.dense_layers, m.layers),
                     node);
      if (!m.head_size && !m.latent.kv_rank && m.hidden % m.heads)
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
    t.field("steps", &Train::steps, {"optimizer steps", "优化步数"}).range(0, 1e9);
    t.field("tokens", &Train::tokens,
            {"tokens to train on, instead of steps", "训练词元总数（代替 steps）"})
        .range(0, 1e18);
    t.field("compute_optimal", &Train::compute_optimal,
            {"train on 20 tokens a parameter, instead of steps (Hoffmann et al. 2022)",
             "按每参数 20 词元训练（代替 steps）"});
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
      int ways = (train.steps > 0) + (train.tokens > 0) + train.compute_optimal;
      if (ways != 1)
        reader.fault("HL-E0110",
                     ways ? "give one of steps, tokens and compute_optimal, not several"
                          : "train needs one of the fields steps, tokens and compute_optimal",
                     node, "steps: 1000");
      if (train.steps && train.warmup_steps > train.steps)
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
    t.field("cp", &ParallelWish::cp, {"context-parallel degree", "上下文并行度"}).at_least(1);
    t.field("ep", &ParallelWish::ep, {"expert-parallel degree", "专家并行度"}).at_least(1);
    t.field("expert_tp", &ParallelWish::expert_tp,
            {"tensor-parallel degree within an expert", "专家内张量并行度"})
        .at_least(1);
    t.field("vpp", &ParallelWish::vpp,
            {"model chunks of one pipeline stage (interleaving)", "每级的模型块数（交错流水线）"})
        .at_least(1);
    t.field("devices", &ParallelWish::devices, {"devices to use in all", "使用的卡数"}).at_least(1);
    t.field("sharding", &ParallelWish::sharding,
            {"what data-parallel ranks share", "数据并行分片方式"});
    t.field("sharding_group", &ParallelWish::sharding_group,
            {"ranks that share it; left out: all of dp", "分片组大小；缺省为全部 dp"})
        .at_least(1);
    t.field("recompute", &ParallelWish::recompute,
            {"what the backward computes again", "重计算方式"});
    t.field("sequence_parallel", &ParallelWish::sequence_parallel,
            {"split norms and residuals over tensor-parallel ranks", "序列并行"});
    t.field("zero_bubble", &ParallelWish::zero_bubble,
            {"zero-bubble pipeline schedule (arXiv 2401.10241)", "零气泡流水线"});
    t.field("offload", &ParallelWish::offload,
            {"keep the optimizer's state in host memory", "优化器状态卸载到主存"});
    t.field("flash_attention", &ParallelWish::flash_attention,
            {"never store the scores of attention; left out: yes", "不存储注意力分数；缺省为是"});
    return t;
  }();
  return table;
}

static const Table<Finetune>& table_of(const Finetune*) {
  static const Table<Finetune> table = [] {
    Table<Finetune> t{"finetune", {"how a checkpoint is fine-tuned", "微调设置"}};
    t.field("lora_rank", &Finetune::lora_rank,
            {"rank of the adapters (LoRA); 0: all weights learn", "LoRA 秩；0 表示全参数微调"})
        .range(0, 1 << 14);
    return t;
  }();
  return table;
}

static const Table<Serve>& table_of(const Serve*) {
  static const Table<Serve> table = [] {
    Table<Serve> t{"serve", {"what a serving workload must carry", "推理负载"}};
    t.field("prompt", &Serve::prompt, {"tokens of a request", "请求词元数"}).range(1, 1 << 24);
    t.field("output", &Serve::output, {"tokens of an answer", "回答词元数"}).range(1, 1 << 24);
    t.field("concurrency", &Serve::concurrency,
            {"requests decoded together on one replica", "单副本并发请求数"})
        .range(1, 1 << 20);
    t.field("requests", &Serve::requests, {"requests in all; 0: one batch", "请求总数；0 表示一批"})
        .range(0, 1e15);
    t.field("precision", &Serve::precision,
            {"of the weights; auto: bf16 or fp8, whichever is better",
             "权重精度；auto 在 bf16 与 fp8 中择优"});
    t.field("cache", &Serve::cache,
            {"precision of keys and values; auto: bf16, or fp8 where weights are narrow",
             "键值缓存精度；auto 为 bf16，权重为窄格式时为 fp8"});
    t.field("first_token", &Serve::first_token,
            {"longest time to the first token, without queueing", "首词元时间上限（不含排队）"});
    t.field("token_time", &Serve::token_time,
            {"longest time between two tokens of an answer", "词元间隔上限"});
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
    t.field("energy", &Goal::energy, {"highest energy", "能耗上限"});
    return t;
  }();
  return table;
}

const Table<Workload>& table_of(const Workload*) {
  static const Table<Workload> table = [] {
    Table<Workload> t{"workload", {"what is to be computed", "计算任务"}};
    t.field("workload", &Workload::name, {"its name", "名称"}).required();
    t.field("kind", &Workload::kind, {"what kind of work", "任务类型"}).required();
    t.field("model", &Workload::model, {"the transformer (all but bench)", "模型（bench 之外）"});
    t.field("data", &Workload::data,
            {"what is learned from (to run, not to plan)", "数据（运行时需要，规划时不需要）"});
    t.field("train", &Workload::train,
            {"how it is trained (train, finetune)", "训练设置（train、finetune）"});
    t.field("finetune", &Workload::finetune, {"how a checkpoint is fine-tuned", "微调设置"});
    t.field("serve", &Workload::serve, {"what must be carried (serve)", "推理负载（serve）"});
    t.field("parallel", &Workload::parallel, {"parts of the plan to hold fixed", "固定的并行方案"});
    t.field("bench", &Workload::bench,
            {"how the machine is measured (bench)", "测量设置（bench）"});
    t.field("goal", &Workload::goal, {"what a good plan is", "目标"});
    t.check([](const Workload& w, const Node& node, Reader& reader) {
      if (w.kind == WorkloadKind::bench) return;
      auto needs = [&](const std::string& field, const std::string& hint) {
        reader.fault("HL-E0106",
                     fmt::format("a workload of kind {} needs {}", kinds[size_t(w.kind)], field),
                     node, hint);
      };
      if (!w.model.layers && w.model.huggingface.empty())
        needs("the field model", "heliu explain workload.model");
      if (w.kind == WorkloadKind::serve) return;
      if (!w.train.global_batch) needs("the field train", "heliu explain workload.train");
      if (w.data.text.empty() && !w.model.vocabulary && w.model.huggingface.empty())
        needs("data.text, or model.vocabulary to be planned without data",
              "data: {text: [poems.txt]}");
    });
    return t;
  }();
  return table;
}

int64_t steps_of(const Workload& workload) {
  const Train& train = workload.train;
  if (train.steps) return train.steps;
  double tokens =
      train.compute_optimal ? 20 * double(parameter_count(workload.model)) : train.tokens;
  double step = double(std::max<int64_t>(1, train.global_batch * workload.model.sequence));
  return int64_t(std::ceil(tokens / step));
}

std::string fingerprint(const Workload& workload) { return to_line(workload); }

HELIU_DOCUMENT(Model)
HELIU_DOCUMENT(Workload)

}  // namespace heliu
