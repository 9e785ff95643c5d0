#include "fuzz/documents.h"
#include "spec/catalog.h"

HELIU_FUZZ(heliu::fuzz::person_writes<heliu::Chip>)
