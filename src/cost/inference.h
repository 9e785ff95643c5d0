// The forecast of serving: how long a request waits for its first token and for each next one, and
// how many tokens a replica gives in a second.
//
// A prefill reads the whole prompt at once and is bound by arithmetic; a decode step makes one
// token for every request in flight and is bound by the memory that holds weights and cache (Pope
// et al., arXiv 2211.05102; the roofline: Williams et al., CACM 52(4), 2009).
// docs/models/inference.md has the formulas, and how they meet published measurements.
#pragma once

#include "cost/energy.h"
#include "cost/serving_memory.h"
#include "spec/workload.h"

namespace heliu::cost {

// What a serving runtime does by custom. All of it is assumed, none fitted.
struct ServingHabits {
  double usable_memory = 0.9;        // share of a device that weights and cache may take
  double host_step_s = 2e-3;         // of scheduling and sampling, for one decode step
  double layer_s = 15e-6;            // of gaps between one layer's kernels in a captured graph
  double exchange_latency_s = 5e-6;  // at most, of one sweep over a scale-up domain
  double prefill_tokens = 8192;      // of prompts that one team reads in one pass
};

// Seconds of one pass over the model, by what they go into.
struct ServingPass {
  double products = 0;   // with weights: the longer of arithmetic and of reading them
  double attention = 0;  // over the cache
  double elementwise = 0;
  double tensor = 0, expert = 0, pipeline = 0;  // exchanges
  double host = 0;
  double total() const {
    return products + attention + elementwise + tensor + expert + pipeline + host;
  }
};

struct ServingForecast {
  ServingPass prefill;       // of one prompt alone
  ServingPass decode;        // of one step with all requests, half of the answers made
  double first_token_s = 0;  // of a request that does not queue
  double token_time_s = 0;   // between tokens of one request, prefills of others left out
  double batch_s = 0;        // all requests together: their prefills and their steps
  double tokens_per_s = 0;   // made by one replica, prefills included
  double tokens_per_s_per_device = 0;
  double weights = 0, cache = 0;  // bytes of the fullest device, at the requests' full length
  double usable = 0;              // bytes of a device that they may take
  double largest_batch = 0;       // requests whose cache fits; 0: not even the weights fit
  double joules_per_token = 0;    // of the center's meter; 0: the chip's power is not known
  bool fits = false;              // the requests that were asked for
};

// `serve.concurrency` requests together on one replica. Where the chip has no products in the
// weights' precision, weights are read narrow and multiplied in bf16. Layout's degrees must divide
// what they cut. `pue` is the center's.
ServingForecast forecast_serving(const Model& model, const Machine& machine,
                                 const ServingHabits& habits, const ServingLayout& layout,
                                 const Serve& serve, double pue = 1);

// How many of E experts a batch of tokens touches, each token k of them by an even router:
// E (1 - (1 - k/E)^tokens).
double touched_experts(double experts, double active, double tokens);

}  // namespace heliu::cost
