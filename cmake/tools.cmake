# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Things that make a build faster where they are present and change nothing in what is built:
# ccache remembers compilations, mold links in a fraction of ld's time.
find_program(CERCLE_CCACHE ccache)
if(CERCLE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CERCLE_CCACHE})
endif()

find_program(CERCLE_MOLD mold)
if(CERCLE_MOLD AND NOT CMAKE_LINKER_TYPE)
  set(CMAKE_LINKER_TYPE MOLD)
endif()
