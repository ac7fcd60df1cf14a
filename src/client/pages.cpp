// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/pages.h"

#include "client/lost.h"
#include "client/receive.h"
#include "client/renewal.h"
#include "client/vigil.h"

namespace cercle::client {
namespace {

/// Before this device is in the directory's conversation all that comes is its first page.
Result<bool> is_believed(Core& core,
                         store::Transaction& transaction,
                         const identity::DirectoryPage& page,
                         WallTime at) {
    TRY(const auto directory, core.conversations.directory());
    if (!directory) return vigil::judge_first(transaction, page, at);
    return vigil::judge(core, transaction, page, at);
}

}  // namespace

Result<void> enter_page(Core& core,
                        store::Transaction& transaction,
                        const identity::DirectoryPage& page,
                        WallTime at) {
    TRY(const bool believed, is_believed(core, transaction, page, at));
    if (!believed) return {};
    for (const identity::DirectoryDevice& device : page.devices) {
        if (device.device != core.self.device) continue;
        // One for another key is no renewal: the vigil has raised its alarm, which stays.
        const auto taken = take_certificate(core, transaction, device.certificate);
        if (taken) continue;
        if (is_of_the_disk(taken.error().code)) return taken;
        core.world.diary.fault(taken.error());
    }
    TRY_VOID(People::take_page(transaction, page));
    TRY_VOID(lost::look(core, transaction));
    return lost::readmit(core, transaction, lost::By::Us);
}

}  // namespace cercle::client
