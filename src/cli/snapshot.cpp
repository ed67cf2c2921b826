#include "rehearse/snapshot.h"

#include <cstdio>
#include <iostream>

#include "base/files.h"
#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/refuse.h"
#include "cli/terminal.h"
#include "net/loop.h"

namespace gatepost::cli {
namespace {

constexpr Refuse refuse{"snapshot"};

}  // namespace

int snapshot(std::span<const std::string> arguments) {
  gatepost::client::KubeconfigFlags connection;
  gatepost::rehearse::SnapshotOptions options;
  std::string file;
  bool quiet = false;
  Flags flags("snapshot -o FILE [flags]",
              "Saves what a rehearsal needs of the cluster in one file: no Secrets, no environments, no caBundles.");
  flags.text("-o,--output", file, "the file; - is standard output");
  flags.toggle("--mask", options.mask, "masks names, images and label values; references still meet");
  flags.toggle("-q,--quiet", quiet, "says nothing when all went well");
  add_cluster_flags(flags, connection);
  if (auto exit = flags.parse(arguments)) return *exit;
  if (file.empty()) return refuse(2, "where to? give -o FILE");
  auto loaded = gatepost::client::load_connection(connection);
  if (!loaded) return refuse(2, loaded.error().text);
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);
  options.now = std::chrono::system_clock::now();
  if (may_show_progress() && !quiet)
    options.progress = [](const std::string& resource, std::size_t objects) {
      std::fprintf(stderr, "\r\x1b[K%s: %zu objects", resource.c_str(), objects);
    };
  const bool drawn = static_cast<bool>(options.progress);
  auto taken = loop.run(gatepost::rehearse::take_snapshot(&*rest, std::move(options)));
  if (drawn) std::fputs("\r\x1b[K", stderr);
  if (!taken) return refuse(3, taken.error().text);
  for (const std::string& line : taken->unread) std::cerr << "gatepost snapshot: not read: " << line << "\n";
  if (file == "-") {
    std::cout << taken->text;
    return 0;
  }
  if (auto written = files::write_private(file, taken->text); !written) return refuse(2, written.error().text);
  if (!quiet) std::cout << file << ": " << taken->objects << " objects\n";
  return 0;
}

}  // namespace gatepost::cli
