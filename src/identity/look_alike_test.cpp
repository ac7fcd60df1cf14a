// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/look_alike.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/must.h"

using namespace cercle;
using namespace cercle::identity;

TEST_CASE(
    "names that are taken for each other look alike: other scripts, cases, composed letters") {
    const std::string look = must(look_of("Paul Carre"));
    for (const char* other : {"Pаul Carre",  // Cyrillic a
                              "Ρaul Carre",  // Greek rho
                              "paul carre",
                              "PAUL CARRE",
                              "Pau1 Carre",              // a one
                              "ＰＡＵＬ ＣＡＲＲＥ"}) {  // fullwidth
        INFO(other);
        CHECK(must(look_of(other)) == look);
    }
    CHECK(must(look_of("Andr\u00e9")) == must(look_of("Andre\u0301")));
}

TEST_CASE("names of different people in one script do not look alike") {
    for (const char* other : {"Paule Carre", "Paul Barre", "Carre Paul", "Paul"}) {
        INFO(other);
        CHECK(must(look_of(other)) != must(look_of("Paul Carre")));
    }
    CHECK(must(look_of("محمد")) != must(look_of("أحمد")));
    CHECK(must(look_of("Andr\u00e9")) != must(look_of("Andre")));
}
