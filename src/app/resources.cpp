#include "app/resources.h"

#include "host/catalog.h"
#include "host/evidence.h"
#include "spec/resolve.h"

namespace heliu::app {

Result<Catalog> catalog(Session& session) {
  auto read = host::read_catalog(session.files(), host::catalog_folder());
  if (!read) return tl::unexpected(std::move(read.error()).during("reading the catalog"));
  return read;
}

Result<Calibration> calibration(Session& session) {
  return host::read_calibration(session.files(), host::catalog_folder());
}

Result<Pool> pool_from(Session& session, const std::string& path, const Catalog& catalog) {
  auto text = session.files().read(path);
  if (!text) return tl::unexpected(std::move(text.error()).during("reading the pool"));
  return read_pool({path, *text}, catalog);
}

}  // namespace heliu::app
