#include "spec/calibration.h"

#include "spec/document_code.h"
#include "spec/tables.h"

namespace heliu {
namespace {

template <class One>
One pick(const std::vector<One>& all, const std::string& name, std::string One::*key) {
  const One* any = nullptr;
  for (const One& one : all) {
    if (one.*key == name) return one;
    if ((one.*key).empty()) any = &one;
  }
  return any ? *any : One{};
}

}  // namespace

static const Table<ChipCalibration>& table_of(const ChipCalibration*) {
  static const Table<ChipCalibration> table = [] {
    using C = ChipCalibration;
    Table<C> t{"chip_calibration", {"what measurements taught about a chip", "芯片校准"}};
    t.written_by_machine();
    t.field("chip", &C::chip, {"its name; empty: any that has none of its own", "芯片名"});
    t.field("architecture", &C::architecture,
            {"where it has no chip: of chips of this architecture; empty: of any", "架构"});
    t.field("matmul_32", &C::matmul_32,
            {"share of peak that large fp32 and tf32 products reach", "32 位矩阵乘峰值占比"})
        .range(0.001, 1);
    t.field("matmul_16", &C::matmul_16, {"the same of fp16 and bf16", "16 位矩阵乘峰值占比"})
        .range(0.001, 1);
    t.field("matmul_8", &C::matmul_8, {"of fp8 with a scale for each tensor", "fp8 峰值占比"})
        .range(0.001, 1);
    t.field("matmul_mx8", &C::matmul_mx8, {"of mxfp8", "mxfp8 峰值占比"}).range(0.001, 1);
    t.field("matmul_4", &C::matmul_4, {"of nvfp4", "nvfp4 峰值占比"}).range(0.001, 1);
    t.field("attention", &C::attention,
            {"share of the 16-bit peak that fused attention reaches", "融合注意力峰值占比"})
        .range(0.001, 1);
    t.field("memory", &C::memory,
            {"share of the memory's bandwidth that elementwise kernels get", "显存带宽占比"})
        .range(0.001, 1);
    t.field("area", &C::area, {"elements of a product that fill the chip", "填满芯片的结果元素数"})
        .at_least(0);
    t.field("depth", &C::depth,
            {"steps of a product's sum that go to its beginning and end", "乘积起止开销"})
        .at_least(0);
    t.field("link", &C::link, {"share of the scale-up link that collectives get", "卡间带宽占比"})
        .range(0.001, 1);
    t.field("link_latency_s", &C::link_latency_s,
            {"time before a collective moves data", "卡间时延"})
        .at_least(0);
    t.field("rows", &C::rows, {"measurements it was fitted to", "拟合所用数据行数"});
    return t;
  }();
  return table;
}

static const Table<NetworkCalibration>& table_of(const NetworkCalibration*) {
  static const Table<NetworkCalibration> table = [] {
    using N = NetworkCalibration;
    Table<N> t{"network_calibration", {"what measurements taught about a network", "网络校准"}};
    t.written_by_machine();
    t.field("network", &N::network, {"infiniband, roce, ...; empty: any other", "网络类型"});
    t.field("bandwidth", &N::bandwidth, {"share of it that collectives get", "带宽占比"})
        .range(0.001, 1);
    t.field("latency_s", &N::latency_s, {"time before a collective moves data", "时延"})
        .at_least(0);
    t.field("rows", &N::rows, {"measurements it was fitted to", "拟合所用数据行数"});
    return t;
  }();
  return table;
}

static const Table<FrameworkCalibration>& table_of(const FrameworkCalibration*) {
  static const Table<FrameworkCalibration> table = [] {
    using F = FrameworkCalibration;
    Table<F> t{"framework_calibration",
               {"what measurements taught about a training framework", "框架校准"}};
    t.written_by_machine();
    t.field("framework", &F::framework, {"its name; empty: any other", "框架名"});
    t.field("layer_s", &F::layer_s, {"host time of one layer's forward", "单层前向主机时间"})
        .at_least(0);
    t.field("expert_layer_s", &F::expert_layer_s,
            {"more of it where the layer is a mixture of experts", "混合专家层额外主机时间"})
        .at_least(0);
    t.field("step_s", &F::step_s, {"host time of one step", "单步主机时间"}).at_least(0);
    t.field("attention", &F::attention,
            {"speed of its fused attention over the chip's usual one", "注意力相对速度"})
        .at_least(0.001);
    t.field("traffic", &F::traffic,
            {"bytes of elementwise kernels over those of fully fused ones", "逐元素访存倍数"})
        .at_least(0);
    t.field("tensor_exposed", &F::tensor_exposed,
            {"share of tensor-parallel exchange that nothing hides", "张量并行通信暴露占比"})
        .at_least(0);
    t.field("pipeline_exposed", &F::pipeline_exposed,
            {"the same of sends between stages", "流水线通信暴露占比"})
        .at_least(0);
    t.field("data_exposed", &F::data_exposed,
            {"the same of gradient and weight exchange", "数据并行通信暴露占比"})
        .at_least(0);
    t.field("expert_exposed", &F::expert_exposed,
            {"the same of all-to-all between experts", "专家并行通信暴露占比"})
        .at_least(0);
    t.field("straggling", &F::straggling,
            {"share of a step lost with each doubling of the nodes", "节点数翻倍的掉队损失"})
        .at_least(0);
    t.field(
         "owner_s", &F::owner_s,
         {"where owners of weights send them one by one: time of each", "逐个广播权重的单次时间"})
        .at_least(0);
    t.field("narrow_cast", &F::narrow_cast,
            {"bytes moved to make 8- and 4-bit operands, over one pass", "低精度转换访存倍数"})
        .at_least(0);
    t.field("rows", &F::rows, {"measurements it was fitted to", "拟合所用数据行数"});
    return t;
  }();
  return table;
}

const Table<Calibration>& table_of(const Calibration*) {
  static const Table<Calibration> table = [] {
    Table<Calibration> t{"calibration",
                         {"what published measurements taught the forecast", "校准系数"}};
    t.written_by_machine();
    t.field("source", &Calibration::source, {"which evidence, which part of it", "来源"});
    t.field("error", &Calibration::error,
            {"mean absolute error on evidence it was not fitted to", "未参与拟合数据的平均误差"})
        .range(0, 10);
    t.field("chips", &Calibration::chips, {"chips", "芯片"});
    t.field("networks", &Calibration::networks, {"networks", "网络"});
    t.field("frameworks", &Calibration::frameworks, {"training frameworks", "框架"});
    return t;
  }();
  return table;
}

ChipCalibration calibration_of_chip(const Calibration& all, const std::string& chip,
                                    const std::string& architecture) {
  const ChipCalibration *kind = nullptr, *any = nullptr;
  for (const ChipCalibration& one : all.chips) {
    if (!one.chip.empty() && one.chip == chip) return one;
    if (!one.chip.empty()) continue;
    if (one.architecture.empty())
      any = &one;
    else if (one.architecture == architecture)
      kind = &one;
  }
  return kind ? *kind : any ? *any : ChipCalibration{};
}
NetworkCalibration calibration_of_network(const Calibration& all, const std::string& network) {
  return pick(all.networks, network, &NetworkCalibration::network);
}
FrameworkCalibration calibration_of_framework(const Calibration& all,
                                              const std::string& framework) {
  return pick(all.frameworks, framework, &FrameworkCalibration::framework);
}

HELIU_DOCUMENT(Calibration)

}  // namespace heliu
