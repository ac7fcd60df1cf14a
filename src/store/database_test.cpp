// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/database.h"

#include <catch2/catch_test_macros.hpp>
