// A plan in the words of other programs: scripts and configurations that can be run as they are.
//
// What a target cannot express is an error that names it, never left out silently; all of it is
// told at once. What each accepts is documented at
//   Megatron-LM  https://github.com/NVIDIA/Megatron-LM/blob/main/megatron/training/arguments.py
//                https://docs.nvidia.com/megatron-core/developer-guide/latest/ (MoE, MLA, Megatron
//                FSDP, optimizer CPU offload, custom pipeline layout)
//   torchtitan   https://github.com/pytorch/torchtitan/blob/v0.2.0/torchtitan/config/job_config.py
//   DeepSpeed    https://www.deepspeed.ai/docs/config-json/
//                https://deepspeed.readthedocs.io/en/latest/training.html (AutoTP)
//   Slurm        https://slurm.schedmd.com/sbatch.html
#pragma once

#include <string>

#include "base/error.h"
#include "spec/plan.h"

namespace heliu::exchange {

// How the processes are started.
struct Launch {
  int devices_per_node = 8;  // fewer where the plan has fewer ranks
  std::string program = "pretrain_gpt.py";
};

// A bash script that starts Megatron-LM's pretrain_gpt.py under torchrun, to be run on every node.
// read_megatron reads the same model and degrees back.
Result<std::string> write_megatron(const Plan& plan, const Launch& launch = {});

// A Slurm batch script for the same; its time limit is the forecast's total time and a quarter
// more, its checkpoints are as far apart as the forecast finds best.
Result<std::string> write_sbatch(const Plan& plan, const Launch& launch = {});

// A job configuration (TOML) of torchtitan, which knows models by name: one of its own flavors.
Result<std::string> write_torchtitan(const Plan& plan);

// A DeepSpeed configuration (JSON). The model itself is the training script's.
Result<std::string> write_deepspeed(const Plan& plan);

// Steps between checkpoints: as the forecast finds best, else as the workload says.
int64_t checkpoint_steps(const Plan& plan);

}  // namespace heliu::exchange
