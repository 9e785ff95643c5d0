#include "nn/gpt.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "nn/tiny_model.h"

namespace heliu::nn {
namespace {

using device::Type;

// Runs once for each backend in the binary.
class GptOnEveryBackend : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<device::Device> device = device::open(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Nn, GptOnEveryBackend, testing::ValuesIn(device::backends()));

TEST_P(GptOnEveryBackend, BeginsWithTheLossOfGuessing) {
  Gpt model(*device, small, Type::f32, 2);
  model.initialise(1);
  Batch batch = random_batch(small, 2, 2);

  double loss = model.evaluate(batch.ids.data(), batch.targets.data(), 2);

  // Logits have a deviation of 0.02 sqrt(64) = 0.16, which adds about half its square.
  EXPECT_NEAR(loss, std::log(120.0), 0.05);
}

TEST_P(GptOnEveryBackend, TrainsOnTheLossThatItEvaluates) {
  Gpt model(*device, small, Type::f32, 2);
  model.initialise(1);
  Batch batch = random_batch(small, 2, 2);

  double mean = model.evaluate(batch.ids.data(), batch.targets.data(), 2);

  EXPECT_NEAR(train(model, batch, 2), mean * 64, 1e-4);
}

TEST_P(GptOnEveryBackend, TwoMicroBatchesOfTwoMakeTheGradientOfOneOfFour) {
  Batch batch = random_batch(small, 4, 2);
  Gpt whole(*device, small, Type::f32, 4), halves(*device, small, Type::f32, 4);
  whole.initialise(1);
  halves.initialise(1);

  double loss = train(whole, batch, 4);
  double first = halves.train(batch.ids.data(), batch.targets.data(), 2, 1);
  double second = halves.train(batch.ids.data() + 64, batch.targets.data() + 64, 2, 1);

  EXPECT_NEAR(first + second, loss, 1e-6 * loss);
  std::vector<float> one = gradients_of(*device, whole), two = gradients_of(*device, halves);
  EXPECT_LT(relative_distance(two.data(), one.data(), whole.parameter_count()), 1e-5);
}

// 172 sequences of 6 are 1032 rows, more than the 1024 whose logits exist at a time.
TEST_P(GptOnEveryBackend, LogitsMadeInTwoPiecesGiveTheGradientOfThoseMadeInOne) {
  Batch batch = random_batch(tiny, 172, 2);
  Gpt pieces(*device, tiny, Type::f32, 172), one_piece(*device, tiny, Type::f32, 86);
  pieces.initialise(1);
  one_piece.initialise(1);

  double loss = train(pieces, batch, 172);
  double first = one_piece.train(batch.ids.data(), batch.targets.data(), 86, 1);
  double second = one_piece.train(batch.ids.data() + 516, batch.targets.data() + 516, 86, 1);

  EXPECT_NEAR(first + second, loss, 1e-6 * loss);
  std::vector<float> found = gradients_of(*device, pieces);
  std::vector<float> expected = gradients_of(*device, one_piece);
  EXPECT_LT(relative_distance(found.data(), expected.data(), pieces.parameter_count()), 1e-5);
}

TEST_P(GptOnEveryBackend, ScalesItsGradientButNotItsLoss) {
  Batch batch = random_batch(small, 2, 2);
  Gpt plain(*device, small, Type::f32, 2), scaled(*device, small, Type::f32, 2);
  plain.initialise(1);
  scaled.initialise(1);

  EXPECT_EQ(train(plain, batch, 2), train(scaled, batch, 2, 0.25f));

  std::vector<float> one = gradients_of(*device, plain), quarter = gradients_of(*device, scaled);
  for (float& value : quarter) value *= 4;
  EXPECT_LT(relative_distance(quarter.data(), one.data(), plain.parameter_count()), 1e-5);
}

TEST_P(GptOnEveryBackend, SeesNoLaterIdAndEveryEarlierOne) {
  Gpt model(*device, small, Type::f32, 1);
  model.initialise(1);
  Batch batch = random_batch(small, 1, 2);
  auto logits_at_20 = [&](const std::vector<int32_t>& ids) {
    return model.next_logits(ids.data(), 20);
  };
  std::vector<float> before = logits_at_20(batch.ids);

  std::vector<int32_t> later = batch.ids, earlier = batch.ids;
  later[20] = (later[20] + 1) % 120;
  earlier[0] = (earlier[0] + 1) % 120;

  EXPECT_EQ(logits_at_20(later), before);
  EXPECT_NE(logits_at_20(earlier), before);
}

// The loss of a position is that of its logits, whatever follows in the sequence.
TEST_P(GptOnEveryBackend, PredictsAtEachPositionFromWhatStandsBeforeIt) {
  Gpt model(*device, small, Type::f32, 1);
  model.initialise(1);
  Batch batch = random_batch(small, 1, 2);

  double sum = 0;
  for (int64_t count = 1; count <= small.sequence; ++count) {
    std::vector<float> logits = model.next_logits(batch.ids.data(), count);
    double total = 0;
    for (float logit : logits) total += std::exp(double(logit));
    sum += std::log(total) - logits[size_t(batch.targets[size_t(count - 1)])];
  }

  EXPECT_NEAR(model.evaluate(batch.ids.data(), batch.targets.data(), 1), sum / 32, 1e-5);
}

// Random ids can be known only by heart.
void learn_by_heart(device::Device& device, Type compute) {
  Gpt model(device, tiny, compute, 1);
  model.initialise(1);
  Batch batch = random_batch(tiny, 1, 2);
  int64_t count = model.parameter_count();
  device::Memory first(device, size_t(count) * 4), second(device, size_t(count) * 4);

  for (int64_t step = 1; step <= 150; ++step) {
    train(model, batch, 1, 1.0f / float(tiny.sequence));
    device.adamw({.count = count,
                  .parameter = model.values(),
                  .gradient = model.gradients(),
                  .first_moment = first.as<float>(),
                  .second_moment = second.as<float>(),
                  .copy = model.copies(),
                  .gradient_scale = 1,
                  .learning_rate = 0.01f,
                  .beta1 = 0.9f,
                  .beta2 = 0.99f,
                  .epsilon = 1e-8f,
                  .weight_decay = 0,
                  .step = step});
  }

  EXPECT_LT(model.evaluate(batch.ids.data(), batch.targets.data(), 1), 0.1);
}

TEST_P(GptOnEveryBackend, LearnsASequenceByHeartInF32) { learn_by_heart(*device, Type::f32); }
TEST_P(GptOnEveryBackend, LearnsASequenceByHeartInBf16) { learn_by_heart(*device, Type::bf16); }

TEST_P(GptOnEveryBackend, GradientsBecomeReadyFromTheEndAndEachOnce) {
  Gpt model(*device, tiny, Type::f32, 1);
  model.initialise(1);
  Batch batch = random_batch(tiny, 1, 2);

  int64_t open_below = model.parameter_count();
  std::vector<float> when_ready(size_t(model.parameter_count()));
  std::vector<int64_t> starts;
  model.train(batch.ids.data(), batch.targets.data(), 1, 1, [&](int64_t first, int64_t count) {
    bool at_end = first + count == open_below;
    EXPECT_TRUE(at_end) << first << " + " << count << " is not " << open_below;
    open_below = first;
    starts.push_back(first);
    std::vector<float> part = to_host(*device, model.gradients() + first, count);
    std::copy(part.begin(), part.end(), when_ready.begin() + first);
  });

  EXPECT_EQ(open_below, 0);
  EXPECT_EQ(starts.size(), 6u);  // head, two halves of two blocks, embedding
  EXPECT_EQ(when_ready, gradients_of(*device, model));
}

// What every backend owes: the loss and, tensor by tensor, the gradient of plain loops in f32.
void expect_like_reference(device::Device& device, Type compute, double loss_tolerance,
                           double gradient_tolerance) {
  auto plain_loops = device::open("reference");
  Gpt truth(*plain_loops, small, Type::f32, 2), model(device, small, compute, 2);
  truth.initialise(1);
  model.initialise(1);
  Batch batch = random_batch(small, 2, 2);

  double expected = train(truth, batch, 2);
  EXPECT_NEAR(train(model, batch, 2), expected, loss_tolerance * expected);

  std::vector<float> right = gradients_of(*plain_loops, truth), found = gradients_of(device, model);
  for (const Parameter& p : model.parameters())
    EXPECT_LT(relative_distance(&found[size_t(p.offset)], &right[size_t(p.offset)], p.count),
              gradient_tolerance)
        << p.name;
}

TEST_P(GptOnEveryBackend, AgreesWithReferenceInF32) {
  expect_like_reference(*device, Type::f32, 1e-6, 1e-5);
}

// bf16 keeps 8 bits: each rounding is off by up to 0.4 %, and errors of a dozen operations add up.
TEST_P(GptOnEveryBackend, AgreesWithReferenceInBf16AsFarAsItsBitsReach) {
  expect_like_reference(*device, Type::bf16, 2e-3, 3e-2);
}

TEST(Gpt, RefusesWhatItCannotDoAndSaysWhich) {
  auto device = device::open("reference");
  Gpt model(*device, tiny, Type::f32, 1);
  Batch batch = random_batch(tiny, 2, 2);
  auto refusal = [](auto call) -> std::string {
    try {
      call();
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };

  EXPECT_EQ(refusal([&] { train(model, batch, 2); }), "a call takes 1 to 1 sequences, not 2");
  EXPECT_EQ(refusal([&] { model.next_logits(batch.ids.data(), 7); }),
            "next_logits takes 1 to 6 ids, not 7");
  batch.ids[3] = 11;
  EXPECT_EQ(refusal([&] { train(model, batch, 1); }),
            "token id 11 is not below the vocabulary's 11");
  EXPECT_EQ(refusal([&] { Gpt(*device, tiny, Type::f32, 0); }), "micro_batch must be positive: 0");
  EXPECT_EQ(refusal([&] { Gpt(*device, tiny, Type::f32, 1, {.tensor_size = 2}); }),
            "the tensor group's rank 0 of 1 is not the share's rank 0 of 2");
}

TEST(Gpt, AStageHoldsItsPartButDoesNotPretendToRunAlone) {
  auto device = device::open("reference");
  Gpt stage(*device, tiny, Type::f32, 1, {.stage = 1, .stages = 2});
  Batch batch = random_batch(tiny, 1, 2);

  stage.initialise(1);

  EXPECT_EQ(stage.parameters().front().name, "block.1.attention.norm.gain");
  try {
    train(stage, batch, 1);
    FAIL() << "trained";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "one stage of 2 cannot run alone: pipeline execution is not in this version");
  }
}

}  // namespace
}  // namespace heliu::nn
