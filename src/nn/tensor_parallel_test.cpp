// Two ranks that share every layer must be one model: the same losses, step after step, and the
// same parameters as one rank that holds it all.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "nn/parameters.h"
#include "nn/tiny_model.h"

namespace heliu::nn {
namespace {

using device::Type;

constexpr int64_t steps = 8;

// What a rank has to show after its steps.
struct Outcome {
  std::vector<float> losses;
  std::vector<float> parameters;
};

void step_adamw(device::Device& device, Gpt& model, device::Memory& first, device::Memory& second,
                int64_t step) {
  device.adamw({.count = model.parameter_count(),
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
                .weight_decay = 0.1f,
                .step = step});
}

Outcome train_steps(Type compute, const Share& share, comm::Group* group) {
  auto device = device::open("reference");
  Gpt model(*device, tiny, compute, 2, share, group);
  model.initialise(1);
  size_t bytes = size_t(model.parameter_count()) * sizeof(float);
  device::Memory first(*device, bytes), second(*device, bytes);

  Outcome outcome;
  for (int64_t step = 1; step <= steps; ++step) {
    outcome.losses.push_back(float(train(model, random_batch(tiny, 2, 1), 2, 1.0f / 12)));
    step_adamw(*device, model, first, second, step);
  }
  outcome.parameters = to_host(*device, model.values(), model.parameter_count());
  return outcome;
}

void write_all(int pipe, const std::vector<float>& values) {
  const char* from = reinterpret_cast<const char*>(values.data());
  size_t left = values.size() * sizeof(float);
  while (left > 0) {
    ssize_t written = write(pipe, from, left);
    if (written <= 0) _exit(1);
    from += written;
    left -= size_t(written);
  }
}

std::vector<float> read_all(int pipe) {
  std::vector<float> values;
  float value;
  while (read(pipe, &value, sizeof value) == ssize_t(sizeof value)) values.push_back(value);
  return values;
}

// Runs `rank_main` in a process of its own; its values come through the pipe that is returned.
int start_rank(const std::function<Outcome()>& rank_main) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  if (fork() == 0) {
    close(ends[0]);
    try {
      Outcome outcome = rank_main();
      write_all(ends[1], outcome.losses);
      write_all(ends[1], outcome.parameters);
    } catch (const std::exception& error) {
      fprintf(stderr, "rank: %s\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  return ends[0];
}

std::vector<Outcome> on_two_ranks(Type compute) {
  std::string name =
      "nn-tensor-parallel-" + std::to_string(getpid()) + (compute == Type::f32 ? "-f32" : "-bf16");
  std::vector<int> pipes;
  for (int rank = 0; rank < 2; ++rank)
    pipes.push_back(start_rank([&, rank] {
      auto group = comm::join("shm", {.name = name, .rank = rank, .size = 2});
      return train_steps(compute, {.tensor_rank = rank, .tensor_size = 2}, group.get());
    }));

  std::vector<Outcome> outcomes;
  for (int pipe : pipes) {
    std::vector<float> values = read_all(pipe);
    close(pipe);
    int status = 0;
    wait(&status);
    EXPECT_EQ(status, 0);
    if (values.size() < size_t(steps)) throw std::runtime_error("a rank ended early");
    outcomes.push_back(
        {{values.begin(), values.begin() + steps}, {values.begin() + steps, values.end()}});
  }
  return outcomes;
}

void expect_losses_near(const Outcome& found, const Outcome& expected, double tolerance) {
  for (size_t step = 0; step < size_t(steps); ++step)
    EXPECT_NEAR(found.losses[step], expected.losses[step], tolerance * expected.losses[step])
        << "step " << step;
}

TEST(TensorParallel, TwoRanksHaveTheLossesOfOne) {
  Outcome one = train_steps(Type::f32, {}, nullptr);
  std::vector<Outcome> two = on_two_ranks(Type::f32);

  expect_losses_near(two[0], one, 1e-5);
  EXPECT_EQ(two[0].losses, two[1].losses);
  EXPECT_LT(one.losses.back(), one.losses.front());
}

TEST(TensorParallel, TwoRanksEndWithTheirPartsOfTheParametersOfOne) {
  Outcome one = train_steps(Type::f32, {}, nullptr);
  std::vector<Outcome> two = on_two_ranks(Type::f32);

  std::vector<Parameter> whole = parameters_of(tiny, {});
  for (int rank = 0; rank < 2; ++rank) {
    Share share{.tensor_rank = rank, .tensor_size = 2};
    std::vector<Parameter> parts = parameters_of(tiny, share);
    for (size_t p = 0; p < parts.size(); ++p)
      for (int64_t i = 0; i < parts[p].count; ++i) {
        float found = two[size_t(rank)].parameters[size_t(parts[p].offset + i)];
        float expected =
            one.parameters[size_t(whole[p].offset + place_in_whole(parts[p], share, i))];
        ASSERT_NEAR(found, expected, 1e-3) << parts[p].name << " " << i << " of rank " << rank;
      }
  }
}

TEST(TensorParallel, TwoRanksInBf16StayNearOne) {
  Outcome one = train_steps(Type::bf16, {}, nullptr);
  std::vector<Outcome> two = on_two_ranks(Type::bf16);

  expect_losses_near(two[0], one, 5e-3);
  EXPECT_EQ(two[0].losses, two[1].losses);
}

}  // namespace
}  // namespace heliu::nn
