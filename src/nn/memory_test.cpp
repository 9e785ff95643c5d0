#include "nn/memory.h"

#include <gtest/gtest.h>

#include "nn/activations.h"
#include "nn/tiny_model.h"

namespace heliu::nn {
namespace {

using device::Type;

TEST(Memory, OfATinyModelIsWhatOneCountsByHand) {
  Shape shape{
      .layers = 1, .hidden = 8, .heads = 2, .feed_forward = 32, .sequence = 16, .vocabulary = 10};

  MemoryUse use = memory_of(shape, {}, 1, Type::f32);

  // Parameters: 8 (10 + 16) + 32 + 8x24+24 + 8x8+8 + 8x32+32 + 32x8+8 + 16.
  EXPECT_EQ(use.parameters, 208 + 32 + 216 + 72 + 288 + 264 + 16);
  EXPECT_EQ(use.copies, 0);
  // 16 rows: a row-vector is 64 B, rows x hidden 512 B, a norm 512 + 512 + 64 + 64.
  int64_t norm = 1152, block = 2 * norm + 1536 + 512 + 128 + 2 * 2048;
  int64_t head = norm + 640 + 64 + 64 + 64, scratch = 3 * 512 + 2048;
  EXPECT_EQ(use.activations, 64 + block + head + scratch);
}

TEST(Memory, OfEveryKindOfShareIsWhatTheModelTakes) {
  for (Type compute : {Type::f32, Type::bf16})
    for (int tensor_size : {1, 2})
      for (int stages : {1, 2})
        for (int stage = 0; stage < stages; ++stage)
          for (const Shape& shape : {tiny, small}) {
            Share share{.tensor_size = tensor_size, .stage = stage, .stages = stages};
            MemoryUse use = memory_of(shape, share, 37, compute);
            const Parameter last = parameters_of(shape, share).back();

            EXPECT_EQ(use.parameters, last.offset + last.count);
            EXPECT_EQ(use.activations, activation_bytes(shape, share, 37, compute));
          }
}

TEST(Memory, IsTheModelsDeviceBytes) {
  auto device = device::open("reference");
  for (Type compute : {Type::f32, Type::bf16}) {
    Gpt model(*device, tiny, compute, 3);

    EXPECT_EQ(int64_t(model.device_bytes()), memory_of(tiny, {}, 3, compute).total());
  }
}

}  // namespace
}  // namespace heliu::nn
