#include "nn/parameters.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "nn/initialise.h"
#include "nn/tiny_model.h"

namespace heliu::nn {
namespace {

const Parameter& named(const std::vector<Parameter>& parameters, const std::string& name) {
  for (const Parameter& parameter : parameters)
    if (parameter.name == name) return parameter;
  throw std::out_of_range(name);
}

std::vector<float> first_values(const Parameter& parameter, const Share& share) {
  std::vector<float> values(static_cast<size_t>(parameter.count));
  initialise(parameter, share, tiny.layers, 7, values);
  return values;
}

std::string refusal(const Shape& shape, const Share& share) {
  try {
    require_divisible(shape, share);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Parameters, LieOneBehindTheOtherWithoutGaps) {
  int64_t next = 0;
  for (const Parameter& parameter : parameters_of(tiny, {})) {
    EXPECT_EQ(parameter.offset, next) << parameter.name;
    EXPECT_EQ(parameter.count, parameter.rows * parameter.columns) << parameter.name;
    next += parameter.count;
  }

  // (11 + 6) 8 embedding; per block 2 norms of 16, 8x24+24, 8x8+8, 8x20+20, 20x8+8; last norm 16.
  EXPECT_EQ(next, 136 + 2 * (32 + 216 + 72 + 180 + 168) + 16);
}

TEST(Parameters, OnlyMatricesDecay) {
  for (const Parameter& parameter : parameters_of(tiny, {}))
    EXPECT_EQ(parameter.decays, parameter.rows > 1) << parameter.name;
}

TEST(Parameters, QkvIsCutByHeadsWithinEachOfQueryKeyAndValue) {
  Share second{.tensor_rank = 1, .tensor_size = 2};
  Parameter qkv = named(parameters_of(tiny, second), "block.0.attention.qkv.weight");

  // 8 x 24 in all; this rank has columns 4..7 of each 8. Its row holds 12 elements.
  EXPECT_EQ(qkv.count, 8 * 12);
  EXPECT_EQ(place_in_whole(qkv, second, 0), 4);
  EXPECT_EQ(place_in_whole(qkv, second, 3), 7);
  EXPECT_EQ(place_in_whole(qkv, second, 4), 8 + 4);
  EXPECT_EQ(place_in_whole(qkv, second, 11), 16 + 7);
  EXPECT_EQ(place_in_whole(qkv, second, 12), 24 + 4);
}

TEST(Parameters, RowParallelWeightsAreCutByRowsAndTheirBiasIsWhole) {
  Share second{.tensor_rank = 1, .tensor_size = 2};
  auto parameters = parameters_of(tiny, second);
  Parameter weight = named(parameters, "block.1.feed_forward.contract.weight");

  EXPECT_EQ(weight.count, 10 * 8);
  EXPECT_EQ(place_in_whole(weight, second, 0), 10 * 8);
  EXPECT_EQ(named(parameters, "block.1.feed_forward.contract.bias").count, 8);
  EXPECT_EQ(named(parameters, "block.1.feed_forward.expand.bias").count, 10);
}

TEST(Parameters, EachShareStartsAsItsSliceOfTheWhole) {
  auto whole = parameters_of(tiny, {});
  for (int rank = 0; rank < 2; ++rank) {
    Share share{.tensor_rank = rank, .tensor_size = 2};
    for (const Parameter& part : parameters_of(tiny, share)) {
      std::vector<float> all = first_values(named(whole, part.name), {});
      std::vector<float> mine = first_values(part, share);
      for (int64_t i = 0; i < part.count; ++i)
        ASSERT_EQ(mine[size_t(i)], all[size_t(place_in_whole(part, share, i))])
            << part.name << " " << i;
    }
  }
}

TEST(Parameters, StartWithTheDeviationsOfGpt2) {
  Shape wide = tiny;
  wide.hidden = 256;
  auto deviation = [&](const std::string& name) {
    double squares = 0;
    std::vector<float> values = first_values(named(parameters_of(wide, {}), name), {});
    for (float value : values) squares += double(value) * value;
    return std::sqrt(squares / double(values.size()));
  };

  EXPECT_NEAR(deviation("block.0.attention.qkv.weight"), 0.02, 0.0002);
  EXPECT_NEAR(deviation("block.0.attention.projection.weight"), 0.01,
              0.0002);  // 0.02 / sqrt(2 x 2)
  EXPECT_EQ(deviation("block.0.attention.qkv.bias"), 0);
  EXPECT_EQ(deviation("block.1.attention.norm.gain"), 1);
}

TEST(Parameters, StagesShareTheLayersAndEachHoldsItsEnd) {
  Share first{.stage = 0, .stages = 2}, last{.stage = 1, .stages = 2};
  auto front = parameters_of(tiny, first), back = parameters_of(tiny, last);

  EXPECT_EQ(front.front().name, "embedding.tokens");
  EXPECT_EQ(front.back().name, "block.0.feed_forward.contract.bias");
  EXPECT_EQ(back.front().name, "block.1.attention.norm.gain");
  EXPECT_EQ(back.back().name, "embedding.tokens");
  EXPECT_EQ(first_values(front.front(), first), first_values(back.back(), last));
}

TEST(Parameters, ShapesThatCannotBeSharedAreRefusedByName) {
  Shape odd = tiny;
  odd.feed_forward = 21;
  Shape uneven = tiny;
  uneven.hidden = 9;

  EXPECT_EQ(refusal(tiny, {.tensor_size = 4}),
            "heads 2 cannot be shared by 4 tensor-parallel ranks");
  EXPECT_EQ(refusal(odd, {.tensor_size = 2}),
            "feed_forward 21 cannot be shared by 2 tensor-parallel ranks");
  EXPECT_EQ(refusal(uneven, {}), "hidden 9 is not a multiple of heads 2");
  EXPECT_EQ(refusal(tiny, {.stages = 3}), "layers 2 cannot be shared by 3 stages");
  EXPECT_EQ(refusal(tiny, {.tensor_rank = 2, .tensor_size = 2}),
            "tensor rank 2 is not below tensor size 2");
  EXPECT_EQ(refusal({}, {}), "every number of a model's shape must be positive");
}

}  // namespace
}  // namespace heliu::nn
