#include "train/kernel_bench.h"

#include <gtest/gtest.h>

#include <set>

namespace heliu::train {
namespace {

TEST(KernelBench, EveryKernelOfASmallModelRunsOnEveryBackend) {
  for (const std::string& backend : device::backends()) {
    auto device = device::open(backend);
    Operands operands(*device, 16 << 20);
    for (const KernelShape& shape : small_shapes())
      for (const auto& call : prepare(shape, operands)) {
        call();
        if (backend == "reference") break;  // one is enough where it takes long
      }
  }
}

TEST(KernelBench, CallsThatFollowEachOtherTouchOtherMemory) {
  auto device = device::open("reference");
  Operands operands(*device, 16 << 20);

  EXPECT_GT(prepare({"gelu", Precision::fp32, 256, 512, 1}, operands).size(), 10u);
  EXPECT_EQ(prepare({"triad", Precision::fp32, 1 << 20, 1, 1}, operands).size(), 2u);
}

TEST(KernelBench, BothPrecisionsAndAllTransposesAreMeasured) {
  std::set<std::pair<std::string, Precision>> seen;
  for (const KernelShape& shape : kernel_shapes({Precision::fp32, Precision::bf16}))
    seen.insert({shape.kernel, shape.precision});

  for (const char* kernel : {"gemm", "gemm_nt", "gemm_tn", "attention_backward", "cross_entropy"})
    for (Precision precision : {Precision::fp32, Precision::bf16})
      EXPECT_TRUE(seen.contains({kernel, precision})) << kernel;
}

}  // namespace
}  // namespace heliu::train
