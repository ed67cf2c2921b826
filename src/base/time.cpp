#include "base/time.h"

#include <cstdio>
#include <ctime>

namespace gatepost {
namespace {

std::tm utc(WallTime time) {
  std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string rfc3339(WallTime time) {
  std::tm parts = utc(time);
  char buffer[32];
  return {buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string rfc3339_micro(WallTime time) {
  std::tm parts = utc(time);
  char buffer[48];
  std::size_t n = std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%S", &parts);
  auto micro =
      std::chrono::duration_cast<std::chrono::microseconds>(time - std::chrono::floor<std::chrono::seconds>(time));
  n +=
      static_cast<std::size_t>(std::snprintf(buffer + n, sizeof buffer - n, ".%06dZ", static_cast<int>(micro.count())));
  return {buffer, n};
}

std::string http_date(WallTime time) {
  std::tm parts = utc(time);
  char buffer[40];
  return {buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

}  // namespace gatepost
