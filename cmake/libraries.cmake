# Third-party libraries, all from the distribution. Headers count as system headers: our warnings are for our code.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(FMT REQUIRED IMPORTED_TARGET fmt)

# What every unit may use. Boost.JSON is header-only here: src/json/boost_json.cpp holds its one definition.
add_library(gatepost_common INTERFACE)
target_include_directories(gatepost_common INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(gatepost_common INTERFACE -Wall -Wextra -Wshadow -Wno-missing-field-initializers -Wno-deprecated-declarations -Werror)
target_compile_definitions(gatepost_common INTERFACE GATEPOST_VERSION="${PROJECT_VERSION}" BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_SEPARATE_COMPILATION)
target_link_libraries(gatepost_common INTERFACE Threads::Threads PkgConfig::FMT)
