// The tables of all document types, for each other's use. Included only by the .cpp files that hold
// them.
#pragma once

#include <array>
#include <span>

#include "spec/calibration.h"
#include "spec/catalog.h"
#include "spec/coefficients.h"
#include "spec/document.h"
#include "spec/plan.h"
#include "spec/pool.h"
#include "spec/record.h"
#include "spec/workload.h"

namespace heliu {

inline std::span<const std::string_view> names_of(Precision) { return precision_names; }
std::span<const std::string_view> names_of(Sharding);
std::span<const std::string_view> names_of(Recompute);
inline std::span<const std::string_view> names_of(OperationClass) { return operation_class_names; }

template <class T>
class Table;

const Table<ScaleUp>& table_of(const ScaleUp*);
const Table<NodeType>& table_of(const NodeType*);
const Table<Fabric>& table_of(const Fabric*);
const Table<Chip>& table_of(const Chip*);
const Table<CatalogNode>& table_of(const CatalogNode*);
const Table<CatalogFabric>& table_of(const CatalogFabric*);
const Table<Model>& table_of(const Model*);
const Table<Workload>& table_of(const Workload*);
const Table<Pool>& table_of(const Pool*);
const Table<ClassTime>& table_of(const ClassTime*);
const Table<Forecast>& table_of(const Forecast*);
const Table<Plan>& table_of(const Plan*);
const Table<KernelTime>& table_of(const KernelTime*);
const Table<CollectiveTime>& table_of(const CollectiveTime*);
const Table<Record>& table_of(const Record*);
const Table<Coefficients>& table_of(const Coefficients*);
const Table<Calibration>& table_of(const Calibration*);

}  // namespace heliu
