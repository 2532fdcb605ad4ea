// rights.h: gives up what the process needs no more once everything is set up.
#pragma once

namespace tcptwin::tun {

// For good: no capabilities, no way to new ones; root becomes nobody. Files and devices that are
// open stay so. Throws Failure.
void drop_rights();

}  // namespace tcptwin::tun
