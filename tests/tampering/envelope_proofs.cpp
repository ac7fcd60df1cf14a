// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What lies in an inbox and beside it.

#include "envelope/inbox_letter.h"
#include "tests/tampering/proof.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;

const Registration letter{{.name = "a letter in an inbox",
                           .labels = {"Cercle 1 inbox letter"},
                           .judged_in = {"envelope/inbox_letter.cpp"},
                           .refusal = Code::forged,
                           .prepare = []() -> Present {
                               vectors::SeededRandom random(1);
                               envelope::WelcomeLetter written;
                               written.welcome = to_bytes("a welcome");
                               return
                                   [genuine = envelope::close_letter(Secret(32), written, random)](
                                       const Change& change) -> Result<void> {
                                       TRY_VOID(envelope::open_letter(Secret(32), change(genuine)));
                                       return {};
                                   };
                           }}};

const Registration package{
    {.name = "a key package beside an inbox",
     .labels = {"Cercle 1 key package"},
     .judged_in = {"envelope/inbox_letter.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         vectors::SeededRandom random(1);
         return [genuine = envelope::close_package(Secret(32), view_of("key package"), random)](
                    const Change& change) -> Result<void> {
             TRY_VOID(envelope::open_package(Secret(32), change(genuine)));
             return {};
         };
     }}};

}  // namespace
