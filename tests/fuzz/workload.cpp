#include "spec/workload.h"

#include "fuzz/documents.h"

HELIU_FUZZ(heliu::fuzz::person_writes<heliu::Workload>)
