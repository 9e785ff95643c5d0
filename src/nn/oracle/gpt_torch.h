// Written by gpt_torch.py beside it, which says what the numbers are.
#pragma once

namespace heliu::nn::oracle {

inline constexpr double loss_sum = 28.8498085422;

// Euclidean norm, and the sum of gradient[i] * random_normal(13, i).
struct Gradient {
  const char* tensor;
  double norm, weighted_sum;
};
inline constexpr Gradient gradients[] = {
    {"embedding.tokens", 13.97257937, 17.41179506},
    {"embedding.positions", 7.331327572, -11.87802509},
    {"block.0.attention.norm.gain", 0.006067624252, 0.0001097605428},
    {"block.0.attention.norm.bias", 0.0126037942, -0.01428808982},
    {"block.0.attention.qkv.weight", 0.4064252189, -0.2981516621},
    {"block.0.attention.qkv.bias", 0.1783262529, -0.3304938772},
    {"block.0.attention.projection.weight", 0.5752491395, -0.504604791},
    {"block.0.attention.projection.bias", 7.082833082, 1.996416176},
    {"block.0.feed_forward.norm.gain", 0.005992994409, 0.007557436244},
    {"block.0.feed_forward.norm.bias", 0.007470027323, 0.01157017755},
    {"block.0.feed_forward.expand.weight", 0.3540718591, 0.2931066073},
    {"block.0.feed_forward.expand.bias", 0.1381350314, -0.399879155},
    {"block.0.feed_forward.contract.weight", 0.7808217845, 0.8114900501},
    {"block.0.feed_forward.contract.bias", 6.973611117, 1.480711965},
    {"block.1.attention.norm.gain", 0.004830515308, -0.003402341122},
    {"block.1.attention.norm.bias", 0.005759131493, -0.01780723606},
    {"block.1.attention.qkv.weight", 0.3252121274, -1.031436606},
    {"block.1.attention.qkv.bias", 0.1260983544, 0.1191904347},
    {"block.1.attention.projection.weight", 0.9383418317, 2.48109528},
    {"block.1.attention.projection.bias", 6.937873631, 1.839489947},
    {"block.1.feed_forward.norm.gain", 0.009311038589, -0.003080793617},
    {"block.1.feed_forward.norm.bias", 0.006584309048, -0.01470532784},
    {"block.1.feed_forward.expand.weight", 0.3598866514, -0.3326034333},
    {"block.1.feed_forward.expand.bias", 0.1270661487, 0.2660836782},
    {"block.1.feed_forward.contract.weight", 0.840715041, 1.964138794},
    {"block.1.feed_forward.contract.bias", 6.911745888, 2.337747039},
    {"head.norm.gain", 0.1803922277, -0.5047774059},
    {"head.norm.bias", 0.1642937499, 0.01995236565},
};

}  // namespace heliu::nn::oracle
