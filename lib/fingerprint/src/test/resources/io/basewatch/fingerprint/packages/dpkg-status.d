Package: base-files
Version: 12.4+deb12u11
Architecture: amd64
Essential: yes
Maintainer: Santiago Vila <sanvila@debian.org>
Installed-Size: 341
Section: admin
Priority: required
Description: Debian base system miscellaneous files
 This package contains the basic filesystem hierarchy of a Debian system.
