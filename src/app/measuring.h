// What the predictor knows about this machine, measured when it is not known yet.
#pragma once

#include "app/session.h"
#include "spec/coefficients.h"
#include "spec/pool.h"

namespace heliu::app {

// The coefficients of the island, as the ledger has them; measured first if they are missing or of
// another processor. Measuring is a job like any other: it is planned, launched and recorded.
Result<Coefficients> known_or_measured(Session& session, const Pool& pool, const std::string& island);

// Measures now. Stopped on request: an error of kind job_failed.
Result<Coefficients> measure(Session& session, const Pool& pool, const std::string& island, Seconds duration_of_layout);

// "AMD EPYC, 2 cores": what coefficients were measured on.
std::string processor_of(const Island& island);

}  // namespace heliu::app
