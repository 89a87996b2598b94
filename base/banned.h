/* Including this makes the calls that have no place here fail to compile; the lint also looks. */
#pragma once

#pragma GCC poison strcpy strcat stpcpy sprintf vsprintf gets atoi atol atoll rand tmpnam tempnam  \
    mktemp
#pragma GCC poison system popen alloca strtok access cJSON_GetObjectItem
