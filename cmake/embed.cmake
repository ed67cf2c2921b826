# gatepost_embed(<target> <symbol> [BASE <dir>] <files...>): compiles files into <target> by the assembler's .incbin and
# makes `embedded/<symbol>.h` there (and for whoever links <target>), which declares
#   std::span<const gatepost::embedded::File> gatepost::embedded::<symbol>();
# in the order given. A file's name is its last path component, or its path relative to BASE.
function(gatepost_embed target symbol)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "BASE" "")
  set(files ${ARG_UNPARSED_ARGUMENTS})
  set(dir ${CMAKE_BINARY_DIR}/embed)
  set(externs "")
  set(rows "")
  set(paths "")
  set(assembly ".pushsection .rodata\\n")
  set(index 0)
  foreach(file IN LISTS files)
    get_filename_component(path ${file} ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
    if(ARG_BASE)
      get_filename_component(base ${ARG_BASE} ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
      file(RELATIVE_PATH name ${base} ${path})
    else()
      get_filename_component(name ${path} NAME)
    endif()
    set(label gatepost_embed_${symbol}_${index})
    string(APPEND externs "extern \"C\" const char ${label}[];\nextern \"C\" const char ${label}_end[];\n")
    # The digest is for the compiler's cache, which does not see what .incbin reads.
    file(SHA256 ${path} digest)
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    string(APPEND assembly "\"\n    \"# ${digest}\\n.balign 16\\n.globl ${label}\\n${label}:\\n.incbin \\\"${path}\\\"\\n\"\n    \".globl ${label}_end\\n${label}_end:\\n.byte 0\\n")
    string(APPEND rows "      {\"${name}\", {${label}, static_cast<std::size_t>(${label}_end - ${label})}},\n")
    list(APPEND paths ${path})
    math(EXPR index "${index} + 1")
  endforeach()
  if(index EQUAL 0)
    message(FATAL_ERROR "gatepost_embed: no files for ${symbol}")
  endif()
  file(CONFIGURE OUTPUT ${dir}/include/embedded/${symbol}.h @ONLY CONTENT
"#pragma once

#include <span>

#include \"base/embedded.h\"

namespace gatepost::embedded {
std::span<const File> @symbol@();
}
")
  file(CONFIGURE OUTPUT ${dir}/${symbol}.cpp @ONLY CONTENT
"#include \"embedded/@symbol@.h\"

asm(\"@assembly@.popsection\\n\");
@externs@
namespace gatepost::embedded {
std::span<const File> @symbol@() {
  static const File files[] = {
@rows@  };
  return files;
}
}
")
  set_source_files_properties(${dir}/${symbol}.cpp PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(${target} PRIVATE ${dir}/${symbol}.cpp)
  target_include_directories(${target} PUBLIC ${dir}/include)
endfunction()
