// A workload from the arguments of Megatron-LM's pretrain_gpt.py, as scripts list them.
//
// Arguments, their defaults and what follows from them are those of megatron/training/arguments.py
// (https://github.com/NVIDIA/Megatron-LM/blob/main/megatron/training/arguments.py); mixtures of
// experts and latent attention as in
// https://docs.nvidia.com/megatron-core/developer-guide/latest/user-guide/features/moe.html.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "spec/workload.h"

namespace heliu::exchange {

struct MegatronArguments {
  Workload workload;                 // its parallel wishes hold what the arguments fix
  std::vector<std::string> ignored;  // arguments that say nothing a workload could, without "--"
};

// The data-parallel degree is known where the script starts torchrun with numbers for --nnodes and
// --nproc-per-node. The family is told from what the arguments switch on: latent attention is
// DeepSeek's, learned attention sinks GPT-OSS's, norms of queries and keys or biases of them
// Qwen's, experts Mixtral's, a window Mistral's; else it is Llama's. Faults are told all at once.
Result<MegatronArguments> read_megatron(const SourceText& script);

}  // namespace heliu::exchange
