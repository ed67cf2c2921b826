// Parts of timestamps and durations.
#include "cel/evaluation.h"
#include "cel/libraries.h"
#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

constexpr std::int64_t kNanos = 1'000'000'000;

enum class Part { Year, Month, DayOfYear, DayOfMonth, Date, DayOfWeek, Hours, Minutes, Seconds, Milliseconds };

std::int64_t part_of(Part part, const CivilTime& t, const Value& timestamp) {
  switch (part) {
    case Part::Year:
      return t.year;
    case Part::Month:
      return t.month - 1;
    case Part::DayOfYear:
      return t.yearday;
    case Part::DayOfMonth:
      return t.day - 1;
    case Part::Date:
      return t.day;
    case Part::DayOfWeek:
      return t.weekday;
    case Part::Hours:
      return t.hour;
    case Part::Minutes:
      return t.minute;
    case Part::Seconds:
      return t.second;
    case Part::Milliseconds:
      return timestamp.nanos / 1'000'000;
  }
  return 0;
}

// Durations count the whole in the unit.
Value part_of_duration(Part part, std::int64_t nanoseconds) {
  switch (part) {
    case Part::Hours:
      return Value::of_int(nanoseconds / (3600 * kNanos));
    case Part::Minutes:
      return Value::of_int(nanoseconds / (60 * kNanos));
    case Part::Seconds:
      return Value::of_int(nanoseconds / kNanos);
    case Part::Milliseconds:
      return Value::of_int(nanoseconds / 1'000'000);
    default:
      return no_such_overload();
  }
}

template <Part P>
Value get(Evaluation& evaluation, Args args) {
  if (args[0].is(ValueKind::Duration) && args.size() == 1) return part_of_duration(P, args[0].integer);
  if (!args[0].is(ValueKind::Timestamp)) return no_such_overload();
  std::string_view zone = "UTC";
  if (args.size() == 2) {
    if (!args[1].is(ValueKind::String)) return no_such_overload();
    zone = args[1].text();
  }
  const auto civil = civil_time(args[0].integer, zone);
  if (!civil) return evaluation.error("unknown time zone " + std::string(zone));
  return Value::of_int(part_of(P, *civil, args[0]));
}

}  // namespace

// Kubernetes counts a duration's milliseconds as a whole; the language asks for those within the second.
static Value milliseconds_within_second(Evaluation& evaluation, Args args) {
  const Value whole = get<Part::Milliseconds>(evaluation, args);
  return args[0].is(ValueKind::Duration) && whole.is(ValueKind::Int) ? Value::of_int(whole.integer % 1000) : whole;
}

void add_time_functions(Declarations& to) {
  const Native milliseconds = to.dialect == Dialect::Language ? milliseconds_within_second : get<Part::Milliseconds>;
  to.function("getFullYear", get<Part::Year>,
              {{"timestamp_to_year", ".timestamp->int"}, {"timestamp_to_year_with_tz", ".timestamp,string->int"}});
  to.function("getMonth", get<Part::Month>,
              {{"timestamp_to_month", ".timestamp->int"}, {"timestamp_to_month_with_tz", ".timestamp,string->int"}});
  to.function("getDayOfYear", get<Part::DayOfYear>,
              {{"timestamp_to_day_of_year", ".timestamp->int"},
               {"timestamp_to_day_of_year_with_tz", ".timestamp,string->int"}});
  to.function("getDayOfMonth", get<Part::DayOfMonth>,
              {{"timestamp_to_day_of_month", ".timestamp->int"},
               {"timestamp_to_day_of_month_with_tz", ".timestamp,string->int"}});
  to.function("getDate", get<Part::Date>,
              {{"timestamp_to_day_of_month_1_based", ".timestamp->int"},
               {"timestamp_to_day_of_month_1_based_with_tz", ".timestamp,string->int"}});
  to.function("getDayOfWeek", get<Part::DayOfWeek>,
              {{"timestamp_to_day_of_week", ".timestamp->int"},
               {"timestamp_to_day_of_week_with_tz", ".timestamp,string->int"}});
  to.function("getHours", get<Part::Hours>,
              {{"timestamp_to_hours", ".timestamp->int"},
               {"timestamp_to_hours_with_tz", ".timestamp,string->int"},
               {"duration_to_hours", ".duration->int"}});
  to.function("getMinutes", get<Part::Minutes>,
              {{"timestamp_to_minutes", ".timestamp->int"},
               {"timestamp_to_minutes_with_tz", ".timestamp,string->int"},
               {"duration_to_minutes", ".duration->int"}});
  to.function("getSeconds", get<Part::Seconds>,
              {{"timestamp_to_seconds", ".timestamp->int"},
               {"timestamp_to_seconds_tz", ".timestamp,string->int"},
               {"duration_to_seconds", ".duration->int"}});
  to.function("getMilliseconds", milliseconds,
              {{"timestamp_to_milliseconds", ".timestamp->int"},
               {"timestamp_to_milliseconds_with_tz", ".timestamp,string->int"},
               {"duration_to_milliseconds", ".duration->int"}});
}

}  // namespace gatepost::cel
