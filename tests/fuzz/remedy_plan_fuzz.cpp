// Plans, backups and journals from files: whatever they hold, reading them ends in a plan or in one line.
#include <cstdint>
#include <string_view>

#include "json/parse.h"
#include "remedy/backup.h"
#include "remedy/diff.h"
#include "remedy/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatepost;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)remedy::unsealed(text, remedy::plan_schema);
  (void)remedy::read_journal(text);
  auto document = json::parse(text, json::make_arena(), {.max_depth = 200});
  if (!document) return 0;
  auto plan = remedy::plan_from_json(*document);
  if (!plan) return 0;
  for (const remedy::Repair& repair : plan->repairs)
    for (const remedy::Step& step : repair.steps) (void)remedy::diff_of(step);
  (void)remedy::plan_from_json(remedy::to_json(*plan));
  return 0;
}
