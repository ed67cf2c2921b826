// The plain parse of the same YAML as `gatepost lint` reads: libyaml's events on one thread and no more. Built by
// bench/lint/run, which prints both figures.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <yaml.h>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::size_t bytes = 0, events = 0;
  std::chrono::nanoseconds spent{};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto start = std::chrono::steady_clock::now();
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    for (bool more = true; more;) {
      yaml_event_t event;
      if (!yaml_parser_parse(&parser, &event)) break;
      more = event.type != YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
      ++events;
    }
    yaml_parser_delete(&parser);
    spent += std::chrono::steady_clock::now() - start;
    bytes += text.size();
  }
  const double seconds = std::chrono::duration<double>(spent).count();
  std::printf("parse  %7.2f s  %7.1f MB/s  (%zu events, one thread)\n", seconds,
              static_cast<double>(bytes) / 1e6 / seconds, events);
  return 0;
}
