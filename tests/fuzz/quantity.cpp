#include "base/units.h"
#include "fuzz/documents.h"

namespace heliu::fuzz {

template <class Q>
void as(const std::string& text) {
  auto quantity = parse_quantity<Q>(text);
  HELIU_CHECK(quantity.has_value() || !quantity.error().message.empty());
  if (!quantity) return;
  HELIU_CHECK(std::isfinite(quantity->base()));
  HELIU_CHECK(!print(*quantity).empty());

  auto again = parse_quantity<Q>(print_exact(*quantity));

  HELIU_CHECK(again.has_value() && nearly(again->base(), quantity->base()));
}

void quantity(const std::string& text) {
  as<Seconds>(text);
  as<Bytes>(text);
  as<Operations>(text);
  as<Joules>(text);
  as<Kilograms>(text);
  as<Bandwidth>(text);
  as<OperationRate>(text);
  as<Watts>(text);
  as<HourlyPrice>(text);
  as<EnergyPrice>(text);
  as<TrafficPrice>(text);
  as<CarbonIntensity>(text);
}

}  // namespace heliu::fuzz

HELIU_FUZZ(heliu::fuzz::quantity)
