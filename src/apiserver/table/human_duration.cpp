#include "apiserver/table/human_duration.h"

#include <ctime>

namespace gatepost::apiserver {

std::string human_duration(std::chrono::seconds duration) {
  // The bounds and units are those of apimachinery's HumanDuration.
  std::int64_t seconds = duration.count();
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  auto with_rest = [](std::int64_t big, const char* unit, std::int64_t small, const char* small_unit) {
    std::string out = std::to_string(big) + unit;
    return small == 0 ? out : out + std::to_string(small) + small_unit;
  };
  if (seconds < 120) return std::to_string(seconds) + "s";
  std::int64_t minutes = seconds / 60;
  if (minutes < 10) return with_rest(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return std::to_string(minutes) + "m";
  std::int64_t hours = minutes / 60;
  if (hours < 8) return with_rest(hours, "h", minutes % 60, "m");
  if (hours < 48) return std::to_string(hours) + "h";
  std::int64_t days = hours / 24;
  if (hours < 192) return with_rest(days, "d", hours % 24, "h");
  if (days < 365 * 2) return std::to_string(days) + "d";
  std::int64_t years = days / 365;
  if (days < 365 * 8) return with_rest(years, "y", days % 365, "d");
  return std::to_string(years) + "y";
}

std::string age_of(std::string_view timestamp, WallTime now) {
  std::tm parts{};
  std::string text(timestamp);
  if (text.empty() || !strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) return "<unknown>";
  auto then = std::chrono::system_clock::from_time_t(timegm(&parts));
  return human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - then));
}

}  // namespace gatepost::apiserver
