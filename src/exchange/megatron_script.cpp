// Megatron-LM's scripts: for torchrun on every node, and for Slurm.
#include <fmt/core.h>

#include <cmath>

#include "exchange/megatron_list.h"

namespace heliu::exchange {
namespace {

const std::string& name_of(const Plan& plan) {
  return plan.id.empty() ? plan.workload.name : plan.id;
}

std::string title(const Plan& plan, const Nodes& nodes) {
  auto one_line = [](std::string text) {
    for (char& c : text)
      if (c == '\n' || c == '\r') c = ' ';
    return text;
  };
  return fmt::format("# {}: {}\n# {} node(s) of {} device(s)\n", one_line(name_of(plan)),
                     one_line(summary(plan)), nodes.count, nodes.devices);
}

// Overlap of tensor- or context-parallel communication needs the order of launches kept; Megatron's
// FSDP must not have it.
std::string environment(const Parallel& p) {
  bool full = p.sharding == Sharding::zero2 || p.sharding == Sharding::zero3;
  return !full && (p.tp > 1 || p.cp > 1) ? "export CUDA_DEVICE_MAX_CONNECTIONS=1\n" : "";
}

constexpr const char* advice =
    "# What a workload does not say (rotary base, scoring of experts, ...) is as Megatron-LM has "
    "it;\n"
    "# arguments of this script follow its own.\n"
    "set -euo pipefail\n";

// Data and tokenizer are the user's; without them, Megatron makes up data of the right shape.
constexpr const char* data = R"(if [[ -n ${DATA_PATH:-} ]]; then
  DATA=(--data-path "$DATA_PATH" --tokenizer-type HuggingFaceTokenizer --tokenizer-model "$TOKENIZER")
else
  DATA=(--mock-data --tokenizer-type NullTokenizer)
fi
)";

std::string saving(const Plan& plan, const std::string& folder) {
  return fmt::format(
      "SAVING=(--save \"{0}\" --load \"{0}\" --save-interval {1} --exit-signal-handler)\n", folder,
      checkpoint_steps(plan));
}

constexpr const char* arguments =
    R"("${MODEL[@]}" "${PARALLEL[@]}" "${TRAINING[@]}" "${DATA[@]}" "${SAVING[@]}" "$@")";

// "D-HH:MM:00", a quarter more than the forecast, at least ten minutes.
std::string time_limit(Seconds total) {
  int64_t minutes = std::max<int64_t>(10, int64_t(std::ceil(total.base() * 1.25 / 60)));
  return fmt::format("{}-{:02}:{:02}:00", minutes / 1440, minutes / 60 % 24, minutes % 60);
}

// A name that Slurm takes: letters, digits and a few signs.
std::string job_name(const std::string& id) {
  std::string name;
  for (char c : id)
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ? c : '_';
  return name.empty() ? "heliu" : name;
}

}  // namespace

Result<std::string> write_megatron(const Plan& plan, const Launch& launch) {
  Refusals refusals("Megatron-LM");
  Nodes nodes = nodes_of(plan, launch, refusals);
  std::string arrays = print_arrays(megatron_list(plan, refusals));
  if (!refusals.empty()) return std::move(refusals).error();
  std::string text = "#!/usr/bin/env bash\n" + title(plan, nodes);
  text +=
      "# On every node, with NODE_RANK and MASTER_ADDR set; DATA_PATH and TOKENIZER name the "
      "data.\n";
  text += advice + environment(plan.parallel) + arrays + data +
          saving(plan, "${SAVE_PATH:-checkpoints}");
  text += fmt::format(
      "torchrun --nproc-per-node {} --nnodes {} --node-rank \"${{NODE_RANK:-0}}\" \\\n"
      "  --master-addr \"${{MASTER_ADDR:-localhost}}\" --master-port \"${{MASTER_PORT:-6000}}\" "
      "\\\n"
      "  {} {}\n",
      nodes.devices, nodes.count, launch.program, arguments);
  return text;
}

Result<std::string> write_sbatch(const Plan& plan, const Launch& launch) {
  Refusals refusals("sbatch with Megatron-LM");
  Nodes nodes = nodes_of(plan, launch, refusals);
  std::string arrays = print_arrays(megatron_list(plan, refusals));
  refusals.contradiction(plan.forecast.total_time.base() <= 0,
                         "the plan's forecast has no total time to set a limit by");
  if (!refusals.empty()) return std::move(refusals).error();
  std::string text = "#!/usr/bin/env bash\n";
  text += fmt::format("#SBATCH --job-name={}\n#SBATCH --nodes={}\n#SBATCH --ntasks-per-node=1\n",
                      job_name(name_of(plan)), nodes.count);
  text += fmt::format("#SBATCH --gpus-per-node={}\n#SBATCH --time={}\n", nodes.devices,
                      time_limit(plan.forecast.total_time));
  // Slurm warns two minutes before the end; Megatron then saves and goes.
  text += "#SBATCH --exclusive\n#SBATCH --requeue\n#SBATCH --signal=TERM@120\n";
  text += "#SBATCH --output=%x-%j.log\n#SBATCH --open-mode=append\n" + title(plan, nodes);
  text += advice + environment(plan.parallel) + arrays + data +
          saving(plan, "${SAVE_PATH:-$SLURM_SUBMIT_DIR/$SLURM_JOB_NAME}");
  text += "HEAD=$(scontrol show hostnames \"$SLURM_JOB_NODELIST\" | head -n 1)\n";
  text += fmt::format(
      "srun torchrun --nproc-per-node {} --nnodes {} --rdzv-id \"$SLURM_JOB_ID\" --rdzv-backend "
      "c10d \\\n  --rdzv-endpoint \"$HEAD:29500\" {} {}\n",
      nodes.devices, nodes.count, launch.program, arguments);
  return text;
}

}  // namespace heliu::exchange
