// Times a training step, Gpt::train and AdamW, on random tokens, and where the time goes.
//
// Prints one JSON object with the fields of bench/peers/train_torch.py, and the seconds of a step
// by class of operation; bench/train_vs_torch.sh lays the two side by side.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/random.h"
#include "device/metered.h"
#include "nn/gpt.h"

namespace heliu {
namespace {

using Options = std::map<std::string, std::string>;

Options read_options(int count, char** words) {
  Options options{{"layers", "4"},        {"hidden", "256"}, {"heads", "8"},   {"sequence", "128"},
                  {"vocabulary", "4800"}, {"batch", "16"},   {"threads", "2"}, {"steps", "10"},
                  {"precision", "bf16"},  {"backend", "cpu"}};
  for (int i = 1; i < count; i += 2) {
    std::string name =
        std::string(words[i]).substr(std::min<size_t>(2, std::string(words[i]).size()));
    if (!options.contains(name) || i + 1 == count)
      throw std::invalid_argument(fmt::format("unknown option or no value: {}", words[i]));
    options[name] = words[i + 1];
  }
  return options;
}

struct Timing {
  std::vector<double> steps;  // seconds
  std::vector<double> losses;
  device::Meter meter{};  // seconds over all timed steps
};

class Trainer {
 public:
  Trainer(device::Device& device, const nn::Shape& shape, device::Type compute, int64_t batch)
      : device_(device),
        shape_(shape),
        batch_(batch),
        model_(device, shape, compute, batch),
        first_(device, size_t(model_.parameter_count()) * sizeof(float)),
        second_(device, size_t(model_.parameter_count()) * sizeof(float)) {
    model_.initialise(0);
  }

  const nn::Gpt& model() const { return model_; }

  void draw(uint64_t seed) {
    ids_.clear();
    targets_.clear();
    for (int64_t i = 0; i < batch_ * shape_.sequence; ++i) {
      ids_.push_back(int32_t(random_bits(seed, uint64_t(i)) % uint64_t(shape_.vocabulary)));
      targets_.push_back(int32_t(random_bits(seed, uint64_t(i + 1)) % uint64_t(shape_.vocabulary)));
    }
  }

  // The mean loss before the step.
  double step(int64_t number) {
    double positions = double(ids_.size());
    double loss = model_.train(ids_.data(), targets_.data(), batch_, float(1 / positions));
    device_.adamw({.count = model_.parameter_count(),
                   .parameter = model_.values(),
                   .gradient = model_.gradients(),
                   .first_moment = first_.as<float>(),
                   .second_moment = second_.as<float>(),
                   .copy = model_.copies(),
                   .gradient_scale = 1,
                   .learning_rate = 3e-4f,
                   .beta1 = 0.9f,
                   .beta2 = 0.999f,
                   .epsilon = 1e-8f,
                   .weight_decay = 0.1f,
                   .step = number});
    device_.wait();
    return loss / positions;
  }

 private:
  device::Device& device_;
  nn::Shape shape_;
  int64_t batch_;
  nn::Gpt model_;
  device::Memory first_, second_;
  std::vector<int32_t> ids_, targets_;
};

Timing time_steps(Trainer& trainer, device::Meter& meter, int64_t steps) {
  Timing timing;
  for (int64_t step = 0; step <= steps; ++step) {  // the first warms up and is not counted
    trainer.draw(uint64_t(step));
    if (step == 1) meter = {};
    auto begin = std::chrono::steady_clock::now();
    timing.losses.push_back(trainer.step(step + 1));
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    if (step > 0) timing.steps.push_back(elapsed.count());
  }
  timing.meter = meter;
  return timing;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

nlohmann::json by_class(const Timing& timing) {
  nlohmann::json seconds;
  double whole = 0, named = 0;
  for (double step : timing.steps) whole += step;
  for (size_t kind = 0; kind < operation_class_count; ++kind) {
    named += timing.meter[kind];
    seconds[std::string(operation_class_names[kind])] =
        timing.meter[kind] / double(timing.steps.size());
  }
  seconds["other"] = (whole - named) / double(timing.steps.size());
  return seconds;
}

int run(const Options& options) {
  auto number = [&](const char* name) { return std::stoll(options.at(name)); };
  auto hidden = number("hidden");
  nn::Shape shape{number("layers"),    hidden, number("heads"), 4 * hidden, number("sequence"),
                  number("vocabulary")};
  bool bf16 = options.at("precision") == "bf16";
  if (!bf16 && options.at("precision") != "fp32")
    throw std::invalid_argument("precision is fp32 or bf16");

  device::Meter meter{};
  auto inner = device::open(options.at("backend"), {.threads = int(number("threads"))});
  auto device = device::metered(*inner, meter);
  Trainer trainer(*device, shape, bf16 ? device::Type::bf16 : device::Type::f32, number("batch"));
  Timing timing = time_steps(trainer, meter, number("steps"));

  double step = median(timing.steps);
  nlohmann::json result{
      {"program", "heliu " + options.at("backend")},
      {"precision", options.at("precision")},
      {"parameters", trainer.model().parameter_count()},
      {"device_bytes", trainer.model().device_bytes()},
      {"median_step_s", step},
      {"best_step_s", *std::min_element(timing.steps.begin(), timing.steps.end())},
      {"tokens_per_s", double(number("batch") * shape.sequence) / step},
      {"loss_first", timing.losses.front()},
      {"loss_last", timing.losses.back()},
      {"mean_step_s_by_class", by_class(timing)}};
  for (const char* name :
       {"layers", "hidden", "heads", "sequence", "vocabulary", "batch", "threads", "steps"})
    result[name] = number(name);
  fmt::print("{}\n", result.dump());
  return 0;
}

}  // namespace
}  // namespace heliu

int main(int count, char** words) {
  try {
    return heliu::run(heliu::read_options(count, words));
  } catch (const std::exception& error) {
    fmt::print(stderr, "train_step: {}\n", error.what());
    return 2;
  }
}
