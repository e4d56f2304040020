#!/usr/bin/env node
console.log('setup: to be written');
