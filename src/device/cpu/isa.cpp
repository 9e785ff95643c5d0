#include "device/cpu/isa.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <dnnl.hpp>
#include <mutex>
#include <string>

#include "device/device.h"

namespace heliu::device::cpu {
namespace {

enum class Isa { baseline, avx2, avx512, everything };

// The highest that the environment lets pass.
Isa mask() {
  const char* value = std::getenv("HELIU_CPU_ISA");
  std::string name = value ? value : "";
  if (name.empty()) return Isa::everything;
  if (name == "avx512") return Isa::avx512;
  if (name == "avx2") return Isa::avx2;
  if (name == "baseline") return Isa::baseline;
  throw DeviceError("HELIU_CPU_ISA must be baseline, avx2 or avx512: " + name);
}

// The parts of x86-64-v4 and -v3 that their kernels can meet.
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

// Linux keeps AMX tiles from a process until it asks for their 8 KiB of state (feature 18,
// Linux 5.16, Documentation/x86/xstate.rst). False on an older kernel, and where there are no
// tiles.
bool tiles_granted() {
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

dnnl::cpu_isa onednn_cap() {
  switch (mask()) {
    case Isa::baseline:
      return dnnl::cpu_isa::sse41;
    case Isa::avx2:
      return dnnl::cpu_isa::avx2;
    case Isa::avx512:
      return dnnl::cpu_isa::avx512_core_bf16;
    case Isa::everything:
      break;
  }
  return tiles_granted() ? dnnl::cpu_isa::all : dnnl::cpu_isa::avx512_core_bf16;
}

}  // namespace

std::vector<const Kernels*> host_kernels() {
  std::vector<const Kernels*> kernels;
  Isa highest = mask();
  if (highest >= Isa::avx512 && has_avx512()) kernels.push_back(&avx512_kernels());
  if (highest >= Isa::avx2 && has_avx2()) kernels.push_back(&avx2_kernels());
  kernels.push_back(&baseline_kernels());
  return kernels;
}

void prepare_onednn() {
  static std::once_flag once;
  // A refusal means that someone else in the process was faster; oneDNN's own choice then stands.
  std::call_once(once, [] { (void)dnnl::set_max_cpu_isa(onednn_cap()); });
}

}  // namespace heliu::device::cpu
