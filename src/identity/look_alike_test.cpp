// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/look_alike.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/must.h"

using namespace cercle;
using namespace cercle::identity;

namespace {

bool alike(const char* one, const char* other) {
    return are_alike(must(look_of(one)), must(look_of(other)));
}

}  // namespace

TEST_CASE(
    "names that are taken for each other look alike: other scripts, cases, composed letters") {
    const Look look = must(look_of("Paul Carre"));
    for (const char* other : {"Pаul Carre",  // Cyrillic a
                              "Ρaul Carre",  // Greek rho
                              "paul carre",
                              "PAUL CARRE",
                              "Pau1 Carre",              // a one
                              "ＰＡＵＬ ＣＡＲＲＥ"}) {  // fullwidth
        INFO(other);
        CHECK(are_alike(must(look_of(other)), look));
    }
    CHECK(alike("Andr\u00e9", "Andre\u0301"));
}

TEST_CASE(
    "a capital that looks like another letter is taken for it, in its own script or another") {
    CHECK(alike("PauI", "Paul"));  // a capital i
    CHECK(alike("Iouis", "louis"));
    CHECK(alike("lan", "Ian"));           // a small L
    CHECK(alike("\u041carie", "Marie"));  // Cyrillic, and so are these
    CHECK(alike("\u0422homas", "Thomas"));
    CHECK(alike("\u041dugo", "Hugo"));
    CHECK(alike("\u0412ernard", "Bernard"));
    CHECK(alike("\u041aarim", "Karim"));
    CHECK(alike("\u039carie", "Marie"));  // Greek, and so are these
    CHECK(alike("\u0392ernard", "Bernard"));
    CHECK(alike("\u039dicolas", "Nicolas"));
    CHECK(alike("\u0395tienne", "Etienne"));
    CHECK(alike("\u0396oe", "Zoe"));
    CHECK(alike("\u03a5ann", "Yann"));
}

TEST_CASE("names of different people in one script do not look alike") {
    for (const char* other : {"Paule Carre", "Paul Barre", "Carre Paul", "Paul"}) {
        INFO(other);
        CHECK_FALSE(alike(other, "Paul Carre"));
    }
    CHECK_FALSE(alike("محمد", "أحمد"));
    CHECK_FALSE(alike("Andr\u00e9", "Andre"));
    CHECK_FALSE(alike("Ian Roux", "Lan Roux"));
}
