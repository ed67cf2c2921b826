# Files of data/ and docs/ that are compiled into the program; one call of gatepost_embed a set.
include(${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
