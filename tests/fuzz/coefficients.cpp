#include "spec/coefficients.h"

#include "fuzz/documents.h"

HELIU_FUZZ(heliu::fuzz::program_writes<heliu::Coefficients>)
