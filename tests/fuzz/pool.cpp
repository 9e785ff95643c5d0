#include "spec/pool.h"

#include "fuzz/documents.h"

HELIU_FUZZ(heliu::fuzz::person_writes<heliu::Pool>)
