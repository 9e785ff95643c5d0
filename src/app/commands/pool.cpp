// pool: what there is, from a file or on this machine.
#include "app/commands.h"
#include "app/pool_view.h"
#include "app/resources.h"
#include "host/discover.h"

namespace heliu::app {
namespace {

// Calls `tell(pool, catalog)` with the pool file of the request.
template <class Tell>
Result<int> with_pool(Session& session, Tell tell) {
  auto known = catalog(session);
  if (!known) return tl::unexpected(std::move(known.error()));
  auto pool = pool_from(session, session.request().file, *known);
  if (!pool) return tl::unexpected(std::move(pool.error()));
  tell(*pool, *known);
  return 0;
}

void print_document(Session& session, const Pool& pool) {
  session.print(to_yaml(pool));
  session.print(to_json(pool));
}

}  // namespace

// Without a file: this machine, as a file that can be kept and edited.
Result<int> command_pool(Session& session) {
  if (!session.request().file.empty())
    return with_pool(session,
                     [&](const Pool& pool, const Catalog&) { print_document(session, pool); });
  auto pool = host::discover(session.files());
  if (!pool) return tl::unexpected(std::move(pool.error()));
  print_document(session, *pool);
  return 0;
}

Result<int> command_pool_check(Session& session) {
  return with_pool(session, [&](const Pool& pool, const Catalog& known) {
    size_t islands = 0;
    int64_t nodes = 0, devices = 0;
    for (const Center& center : pool.centers)
      for (const Island& island : center.islands) {
        ++islands;
        nodes += island.nodes;
        devices += totals(island, known).devices;
      }
    session.print(session.text(Say::pool_in_order, pool.name, pool.centers.size(), islands, nodes,
                               devices, pool.links.size()));
    session.print(Json{{"ok", true},
                       {"pool", pool.name},
                       {"centers", pool.centers.size()},
                       {"islands", islands},
                       {"nodes", nodes},
                       {"devices", devices},
                       {"links", pool.links.size()}});
  });
}

Result<int> command_pool_show(Session& session) {
  return with_pool(session, [&](const Pool& pool, const Catalog& known) {
    session.print(pool_table(session.language(), pool, known));
    session.print(pool_items(pool, known));
  });
}

Result<int> command_pool_topo(Session& session) {
  return with_pool(session, [&](const Pool& pool, const Catalog&) {
    session.print(pool_tree(session.language(), pool));
    session.print(spelled_out(pool));
  });
}

}  // namespace heliu::app
