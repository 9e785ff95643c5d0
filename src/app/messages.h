// What the program says to people, in both languages, by key.
#pragma once

#include <fmt/core.h>

#include <string>

#include "base/language.h"

namespace heliu::app {

enum class Say {
  discover_title,
  plan_title,
  run_title,
  result_title,
  sample_title,
  processor,
  memory,
  caches,
  instructions,
  measuring,
  measured_before,
  gemm_rate,
  bandwidth,
  all_reduce,
  candidates,
  rejected,
  chosen_because,
  no_energy,
  column_plan,
  column_step,
  column_tokens,
  column_memory,
  column_total,
  column_count,
  column_quantity,
  column_promised,
  column_measured,
  column_error,
  column_next,
  quantity_step,
  quantity_tokens,
  quantity_memory,
  quantity_total,
  quantity_energy,
  not_measurable,
  job_line,
  resumed_from,
  resume_hint,
  stop_hint,
  stopping,
  stopped_at,
  loss_line,
  checkpoint_at,
  already_finished,
  would_run,
  progress_line,
  column_job,
  column_state,
  column_workload,
  column_when,
  no_jobs,
  next_steps,
  dry_run,
  column_name,
  column_bf16,
  column_device_memory,
  column_bandwidth,
  column_scale_up,
  column_power,
  column_price,
  column_trust,
  column_trust_of,
  column_field,
  column_value,
  column_source,
  column_center,
  column_island,
  column_nodes,
  column_devices,
  column_chip,
  column_peak,
  column_electricity,
  catalog_mark,
  catalog_nodes,
  catalog_fabrics,
  also_called,
  pool_in_order,
  pool_total,
  tree_centers,
  tree_links,
  tree_nodes,
  tree_cores,
  tree_domain,
  unfinished_job,
  arguments_ignored,
  export_written,
};

// The text's pattern, for fmt.
std::string_view pattern(Say what, Language language);

template <class... Values>
std::string say(Language language, Say what, const Values&... values) {
  return fmt::format(fmt::runtime(pattern(what, language)), values...);
}

// From --lang, HELIU_LANG, LC_ALL, LC_MESSAGES, LANG: the first that is set; zh if it begins so.
Language language_from(const std::string& option);

}  // namespace heliu::app
