# Files of data/ and docs/ that are compiled into the program; one call of gatepost_embed a set.
include(${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
file(GLOB GATEPOST_CAUSE_PAGES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/causes/*.md)
if(TARGET gp_explain)
  gatepost_embed(gp_explain cause_tails data/causes.tails)
  gatepost_embed(gp_explain cause_pages ${GATEPOST_CAUSE_PAGES})
endif()
