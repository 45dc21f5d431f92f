@rem npm runs `exec node ...` of package.json with cmd.exe on Windows, which finds this. Elsewhere `exec` lets the
@rem server take the shell's place, so that a signal to npm reaches it; a shell in between would only die of it.
@echo Howdah does not run on Windows itself. 1>&2
@echo Next: use WSL 2 (wsl --install), clone the repository inside it and run the command there. 1>&2
@exit /b 1
